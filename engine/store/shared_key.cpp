#include "engine/store/shared_key.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <span>
#include <string>

#include "engine/credential/base64.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

struct Free {
    void operator()(EVP_KDF *kdf) const noexcept { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX *context) const noexcept { EVP_KDF_CTX_free(context); }
};

// HKDF-SHA-256 without a salt; `use` keeps the derived keys apart. False when OpenSSL fails.
bool derive(std::string_view secret, std::string_view use, std::span<unsigned char> key) {
    const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    const std::unique_ptr<EVP_KDF_CTX, Free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    char hash[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char *>(secret.data()),
                                          secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char *>(use.data()),
                                          use.size()),
        OSSL_PARAM_construct_end(),
    };
    return context && EVP_KDF_derive(context.get(), key.data(), key.size(), parameters) == 1;
}

// The one line that is no comment; empty when there is none, or another one.
std::string_view only_line(std::string_view text) noexcept {
    std::string_view found;
    while (!text.empty()) {
        const std::string_view line = trimmed(take_until(text, '\n'), " \t\r");
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        if (!found.empty()) {
            return {};
        }
        found = line;
    }
    return found;
}

}  // namespace

SharedKey::~SharedKey() {
    OPENSSL_cleanse(digest_key_.data(), digest_key_.size());
    OPENSSL_cleanse(sealing_key_.data(), sealing_key_.size());
    OPENSSL_cleanse(event_key_.data(), event_key_.size());
}

Result<SharedKey> SharedKey::parse(std::string_view text) {
    const std::string_view line = only_line(text);
    if (line.empty()) {
        return Error{"must have one line: the base64 of 32 random bytes (openssl rand -base64 32)"};
    }
    std::string secret(base64_decoded_size(line.size()) + 1, '\0');
    const auto decoded = decode_base64(line, secret);
    SharedKey key;
    Result<SharedKey> result = Error{"OpenSSL has no HKDF with SHA-256"};
    if (!decoded) {
        result = Error{"is no base64: make it with openssl rand -base64 32"};
    } else if (decoded->size() < kMinBytes) {
        result =
            Error{"has " + std::to_string(decoded->size()) +
                  " bytes, and 32 random ones are needed: make it with openssl rand -base64 32"};
    } else if (derive(*decoded, "ipfence store 1 digest", key.digest_key_) &&
               derive(*decoded, "ipfence store 1 sealing", key.sealing_key_) &&
               derive(*decoded, "ipfence store 1 event", key.event_key_)) {
        result = key;
    }
    OPENSSL_cleanse(secret.data(), secret.size());
    return result;
}

}  // namespace ipfence
