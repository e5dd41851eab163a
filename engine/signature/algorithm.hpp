#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <openssl/evp.h>

namespace ipfence {

/// The signature algorithms that are verified (RFC 7518, section 3.1; RFC 8037; RFC 9864, by which
/// EdDSA has the name of its curve). `none` and the symmetric ones do not exist here.
enum class SignatureAlgorithm : std::uint8_t {
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    es256,
    es384,
    es512,
    eddsa,
    ed25519,
    ed448,
};

/// The algorithm that `alg` names; empty for any that is not verified here.
std::optional<SignatureAlgorithm> signature_algorithm_of(std::string_view alg) noexcept;

/// The families of algorithms; those of RSA with PSS are also of RSA.
constexpr bool is_rsa(SignatureAlgorithm algorithm) noexcept {
    return algorithm <= SignatureAlgorithm::ps512;
}

constexpr bool is_pss(SignatureAlgorithm algorithm) noexcept {
    return is_rsa(algorithm) && algorithm >= SignatureAlgorithm::ps256;
}

constexpr bool is_ecdsa(SignatureAlgorithm algorithm) noexcept {
    return algorithm >= SignatureAlgorithm::es256 && algorithm <= SignatureAlgorithm::es512;
}

/// The digest of the algorithm; null for EdDSA, which has its own.
const EVP_MD *digest_of(SignatureAlgorithm algorithm) noexcept;

/// Bytes of one coordinate of the curve of an ECDSA algorithm (RFC 7518, section 3.4): a signature
/// is two of them.
std::size_t coordinate_size(SignatureAlgorithm algorithm) noexcept;

}  // namespace ipfence
