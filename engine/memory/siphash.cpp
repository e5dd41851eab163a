#include "engine/memory/siphash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <string_view>
#include <utility>

namespace ipfence {

SipHash::Functions SipHash::Functions::among(const OSSL_DISPATCH *implementation) noexcept {
    Functions found;
    for (; implementation->function_id != 0; ++implementation) {
        switch (implementation->function_id) {
            case OSSL_FUNC_MAC_NEWCTX:
                found.make = OSSL_FUNC_mac_newctx(implementation);
                break;
            case OSSL_FUNC_MAC_FREECTX:
                found.free = OSSL_FUNC_mac_freectx(implementation);
                break;
            case OSSL_FUNC_MAC_INIT:
                found.begin = OSSL_FUNC_mac_init(implementation);
                break;
            case OSSL_FUNC_MAC_UPDATE:
                found.add = OSSL_FUNC_mac_update(implementation);
                break;
            case OSSL_FUNC_MAC_FINAL:
                found.end = OSSL_FUNC_mac_final(implementation);
                break;
            default:
                break;
        }
    }
    return found;
}

SipHash::Functions SipHash::Functions::of(const OSSL_PROVIDER *provider) noexcept {
    Functions found;
    int no_cache = 0;
    const OSSL_ALGORITHM *macs = OSSL_PROVIDER_query_operation(provider, OSSL_OP_MAC, &no_cache);
    for (const OSSL_ALGORITHM *mac = macs; mac != nullptr && mac->algorithm_names != nullptr;
         ++mac) {
        if (mac->algorithm_names == std::string_view(OSSL_MAC_NAME_SIPHASH)) {
            found = among(mac->implementation);
        }
    }
    OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_MAC, macs);
    return found;
}

bool SipHash::Functions::are_complete() const noexcept {
    return make != nullptr && free != nullptr && begin != nullptr && add != nullptr &&
           end != nullptr;
}

Result<SipHash> SipHash::with_key(const Key &key) {
    const Error error{"OpenSSL has no SipHash"};
    Mac mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr));
    const OSSL_PROVIDER *provider = mac != nullptr ? EVP_MAC_get0_provider(mac.get()) : nullptr;
    const Functions functions = provider != nullptr ? Functions::of(provider) : Functions{};
    if (!functions.are_complete()) {
        return error;
    }
    Context context(functions.make(OSSL_PROVIDER_get0_provider_ctx(provider)), {functions.free});
    std::size_t size = kSize;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_end(),
    };
    if (!context || functions.begin(context.get(), key.data(), key.size(), parameters) != 1) {
        return error;
    }
    return SipHash(std::move(mac), functions, std::move(context), key);
}

SipHash::~SipHash() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

bool SipHash::begin() noexcept {
    // The key begins it anew: without one, OpenSSL goes on with what it has seen.
    return functions_.begin(context_.get(), key_.data(), key_.size(), nullptr) == 1;
}

bool SipHash::add(const void *data, std::size_t size) noexcept {
    return functions_.add(context_.get(), static_cast<const unsigned char *>(data), size) == 1;
}

bool SipHash::end(std::span<unsigned char, kSize> digest) noexcept {
    std::size_t size = 0;
    return functions_.end(context_.get(), digest.data(), &size, digest.size()) == 1 &&
           size == kSize;
}

}  // namespace ipfence
