#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/claims.hpp"
#include "engine/result.hpp"
#include "engine/signature/jwks.hpp"
#include "engine/signature/jws.hpp"

namespace ipfence {

/// What a token must carry besides a signature.
struct JwtExpectations {
    std::optional<std::string_view> issuer{};  ///< `iss`, exactly (none is ""); null: any or none
    std::span<const std::string_view> audiences{};  ///< one of them is in `aud`; empty: any or none
    std::int64_t now = 0;                           ///< Unix time in seconds

    /// How far clocks may differ, in seconds (G14).
    static constexpr std::int64_t kLeeway = 60;
};

/// The claims of a token whose signature verified and which is valid now.
struct VerifiedJwt {
    Claims claims;
    std::int64_t expires = 0;  ///< `exp`, Unix time in whole seconds
};

/// Verifies a JWS in compact form (RFC 7515) as a JWT access token (RFC 7519, RFC 8725, RFC 9068).
/// A fault: all that is not one canonical reading (duplicate members, a variant spelling of `iss`
/// or `sub`, base64url that is not canonical, more or fewer than three parts, nesting, size above
/// 16 KiB), an `alg` that is `none`, symmetric, unknown or not one of the key's, any of `crit`,
/// `b64`, `zip`, `jku`, `jwk`, `x5u`, `x5c` in the header (G04), no key for its `kid` (without
/// `kid`: no key of the algorithm that verifies), a signature that does not verify, an ECDSA
/// signature of another length than the curve's, `exp` missing, not a number in range or past,
/// `nbf` or `iat` in the future, another `iss`, no wanted `aud`. Leeway as in JwtExpectations.
Result<VerifiedJwt, JwtFault> verify_jwt(const Jwks &jwks, std::string_view token,
                                         const JwtExpectations &expectations);

}  // namespace ipfence
