#include "engine/memory/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstring>
#include <utility>

namespace ipfence {

namespace {

bool update(EVP_MAC_CTX *context, const void *data, std::size_t size) noexcept {
    return EVP_MAC_update(context, static_cast<const unsigned char *>(data), size) == 1;
}

}  // namespace

Result<KeyedDigest> KeyedDigest::with_key(std::span<const unsigned char, kKeySize> key) {
    const Error error{"OpenSSL has no HMAC with SHA-256"};
    EVP_MAC *hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    if (hmac == nullptr) {
        return error;
    }
    Context context(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);  // the context holds its own reference

    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    if (!context || EVP_MAC_init(context.get(), key.data(), key.size(), parameters) != 1) {
        return error;
    }
    return KeyedDigest(std::move(context));
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    std::size_t size = 0;

    // The scope's length keeps ("ab", "c") and ("a", "bc") apart. With so short a prefix a token of
    // 32 random bytes fits into one block of SHA-256.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    EVP_MAC_CTX *context = context_.get();
    if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1 ||
        !update(context, &prefix, sizeof(prefix)) || !update(context, scope.data(), scope.size()) ||
        !update(context, text.data(), text.size()) ||
        EVP_MAC_final(context, mac.data(), &size, mac.size()) != 1) {
        return std::nullopt;
    }
    Digest digest;
    std::memcpy(digest.words.data(), mac.data(), sizeof(digest.words));
    return digest;
}

}  // namespace ipfence
