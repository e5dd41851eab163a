#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/signature/jwks.hpp"

namespace ipfence {

/// A key pair that OpenSSL made, which signs as RFC 7518 and RFC 8037 lay it down.
class SigningKey {
  public:
    static SigningKey rsa(unsigned bits = 2048);
    /// `curve` as a JWK names it: P-256, P-384, P-521.
    static SigningKey ec(const std::string &curve);
    /// Ed25519 or Ed448.
    static SigningKey okp(const std::string &curve);

    /// One pair for each algorithm of JOSE, made once.
    static const SigningKey &of(std::string_view alg);

    /// The members of its JWK that are the public key.
    std::string members() const;
    /// Its JWK, with these members too: `"kid":"a"`.
    std::string jwk(std::string_view more = {}) const;
    /// The public key in PEM, which a confused verifier takes for an HMAC key.
    std::string pem() const;

    /// A JWS in compact form by `alg`; `more` are further members of its header.
    std::string token(std::string_view alg, std::string_view payload,
                      std::string_view more = {}) const;
    /// The raw signature of a text by `alg`; the salt of PSS may be other than RFC 7518 has it.
    std::string sign(std::string_view alg, std::string_view text,
                     int salt_size = RSA_PSS_SALTLEN_DIGEST) const;
    /// What the private key makes of a block of RSA as it stands: no padding is added.
    std::string sign_block(std::string_view block) const;

  private:
    struct Free {
        void operator()(EVP_PKEY *key) const noexcept { EVP_PKEY_free(key); }
    };
    explicit SigningKey(EVP_PKEY *key, std::string curve = {});

    std::unique_ptr<EVP_PKEY, Free> key_;
    std::string curve_;
};

/// The set of these JWKs.
std::string key_set(std::string_view jwks);

/// The same, parsed; the test fails when that has a fault.
Jwks parsed(std::string_view jwks);

}  // namespace ipfence
