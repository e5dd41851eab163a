#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "engine/result.hpp"
#include "engine/store/shared_key.hpp"

namespace ipfence {

/// Seals values, so that who may write to Redis can neither read nor make one (L15), nor pass one
/// off under another name (L12):
///
///   format (1 byte, kFormat), nonce (12 random bytes), AES-256-GCM of the text, tag (16 bytes)
///
/// The key is HMAC-SHA-256 of the name under the sealing key: a name has few values, so its random
/// nonces never come near the limit of a key (NIST SP 800-38D, section 8.3), however many records
/// there are. The format and the name are authenticated with it. Not to be shared by threads.
class Sealing {
  public:
    /// Changes with every change of what is sealed, or how; values of another format are refused.
    static constexpr unsigned char kFormat = 1;
    static constexpr std::size_t kOverhead = 1 + 12 + 16;

    /// Fails when OpenSSL has no AES-256-GCM, or there is no memory.
    static Result<Sealing> with_key(const SharedKey &key);

    /// Empty when OpenSSL fails.
    std::optional<std::string> seal(std::string_view name, std::string_view text) const;

    /// The text; empty for anything that `seal` did not make under this name with this key.
    std::optional<std::string> open(std::string_view name, std::string_view sealed) const;

  private:
    struct Free {
        void operator()(EVP_CIPHER *cipher) const noexcept { EVP_CIPHER_free(cipher); }
        void operator()(EVP_CIPHER_CTX *context) const noexcept { EVP_CIPHER_CTX_free(context); }
    };

    Sealing(const SharedKey &key, std::unique_ptr<EVP_CIPHER, Free> cipher,
            std::unique_ptr<EVP_CIPHER_CTX, Free> context)
        : key_(key), cipher_(std::move(cipher)), context_(std::move(context)) {}

    bool begin(std::string_view name, const unsigned char *nonce, bool is_sealing) const;

    SharedKey key_;
    std::unique_ptr<EVP_CIPHER, Free> cipher_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

}  // namespace ipfence
