#include "engine/memory/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <cstring>
#include <utility>

namespace ipfence {

namespace {

bool update(EVP_MAC_CTX *context, const void *data, std::size_t size) noexcept {
    return EVP_MAC_update(context, static_cast<const unsigned char *>(data), size) == 1;
}

bool update(EVP_MAC_CTX *context, std::string_view text) noexcept {
    return update(context, text.data(), text.size());
}

}  // namespace

Result<KeyedDigest> KeyedDigest::with_key(const Key &key) {
    const Error error{"OpenSSL has no SipHash"};
    EVP_MAC *siphash = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr);
    if (siphash == nullptr) {
        return error;
    }
    Context context(EVP_MAC_CTX_new(siphash));
    EVP_MAC_free(siphash);  // the context holds its own reference

    std::size_t size = sizeof(Digest);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_end(),
    };
    if (!context || EVP_MAC_init(context.get(), key.data(), key.size(), parameters) != 1 ||
        EVP_MAC_CTX_get_mac_size(context.get()) != sizeof(Digest)) {
        return error;
    }
    return KeyedDigest(std::move(context), key);
}

KeyedDigest::~KeyedDigest() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    // The scope's length keeps ("ab", "c") and ("a", "bc") apart.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    std::array<unsigned char, sizeof(Digest)> mac;
    std::size_t size = 0;
    EVP_MAC_CTX *context = context_.get();
    // The key begins it anew: without one, OpenSSL goes on with what it has seen.
    if (EVP_MAC_init(context, key_.data(), key_.size(), nullptr) != 1 ||
        !update(context, &prefix, sizeof(prefix)) || !update(context, scope) ||
        !update(context, text) || EVP_MAC_final(context, mac.data(), &size, mac.size()) != 1 ||
        size != mac.size()) {
        return std::nullopt;
    }
    Digest digest;
    std::memcpy(digest.words.data(), mac.data(), mac.size());
    return digest;
}

}  // namespace ipfence
