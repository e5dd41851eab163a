#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <openssl/evp.h>

#include "engine/signature/algorithm.hpp"

namespace ipfence {

/// Verifies the signatures of one key by one algorithm. What OpenSSL has to look up for the two is
/// looked up once; it holds on to the key.
class Verifier {
  public:
    /// Empty: OpenSSL does not verify by this algorithm with this key.
    static std::optional<Verifier> make(EVP_PKEY *key, SignatureAlgorithm algorithm);

    SignatureAlgorithm algorithm() const noexcept { return algorithm_; }

    /// Whether `signature` (raw bytes, as RFC 7518 and RFC 8037 lay them out) is one of the key
    /// over `text`.
    bool verify(std::string_view text, std::string_view signature) const;

  private:
    struct Free {
        void operator()(EVP_MD_CTX *context) const noexcept { EVP_MD_CTX_free(context); }
    };
    using Context = std::unique_ptr<EVP_MD_CTX, Free>;

    Verifier(SignatureAlgorithm algorithm, std::size_t signature_size, Context ready) noexcept
        : algorithm_(algorithm), signature_size_(signature_size), ready_(std::move(ready)) {}

    bool verify_raw(std::string_view text, std::string_view signature) const noexcept;

    SignatureAlgorithm algorithm_;
    std::size_t signature_size_;  // of every one of the key
    Context ready_;               // to be copied for each verification
};

}  // namespace ipfence
