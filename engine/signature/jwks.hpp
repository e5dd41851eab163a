#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

#include "engine/result.hpp"
#include "engine/signature/verifier.hpp"

namespace ipfence {

/// A public key that may verify some algorithms and no other (G02: the key pins the algorithm).
struct VerificationKey {
    struct Free {
        void operator()(EVP_PKEY *owned) const noexcept { EVP_PKEY_free(owned); }
    };
    std::string key_id;               ///< `kid`; empty: none
    std::vector<Verifier> verifiers;  ///< of the algorithms from `alg`, else from `kty` and `crv`
    std::unique_ptr<EVP_PKEY, Free> key;

    /// Null: this key is not for this algorithm.
    const Verifier *verifier_of(SignatureAlgorithm algorithm) const noexcept;
};

/// A JSON Web Key Set (RFC 7517, section 5), public keys for signatures only.
class Jwks {
  public:
    /// No larger text is read as a key set: none comes near it.
    static constexpr std::size_t kMaxTextSize = 16 * 1024 * 1024;

    /// Weaker RSA keys verify nothing.
    static constexpr int kMinRsaBits = 2048;
    /// A larger modulus or exponent makes each verification slow (threats.md, Libraries).
    static constexpr int kMaxRsaBits = 8192;

    /// Reads a set. Skipped, as RFC 7517 asks: keys of unknown type, curve or algorithm, with `use`
    /// other than `sig`, with `key_ops` that lack `verify`, symmetric keys. An error: no JSON
    /// object with a `keys` array and unique members, a key of a known type that is broken, too
    /// weak or too large, two keys of one `kid` and type, a private key (it has no business in
    /// nginx), no usable key at all. The message says which key (by index and kid) and what to do.
    static Result<Jwks> parse(std::string_view json);

    const std::vector<VerificationKey> &keys() const noexcept { return keys_; }

    /// 128 bits of the SHA-256 of the file's text, so that what was verified with other keys can be
    /// told from what was verified with these.
    const std::array<unsigned char, 16> &fingerprint() const noexcept { return fingerprint_; }

  private:
    Jwks() = default;
    std::vector<VerificationKey> keys_;
    std::array<unsigned char, 16> fingerprint_{};
};

}  // namespace ipfence
