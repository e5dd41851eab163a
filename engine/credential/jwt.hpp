#pragma once

#include <optional>
#include <string_view>

#include "engine/credential/claims.hpp"

namespace ipfence {

/// What a text is when read as a JWT (RFC 7519).
struct UnverifiedJwt {
    enum class Kind {
        opaque,     ///< not a JWT at all, or one that hides its claims (JWE): it says nothing
        claims,     ///< a JWS in compact form with one reading
        ambiguous,  ///< looks like a JWS, but two readers may disagree: duplicate members, a
                    ///< variant spelling of `iss` or `sub`, base64url that is not canonical, a
                    ///< header or payload that is no JSON object, a payload that is not the text
                    ///< between the dots (`zip`, `b64`)
    };
    Kind kind = Kind::opaque;
    std::optional<Claims> claims;  ///< set exactly for Kind::claims
};

/// Reads `token` without verifying it. A text is taken for a JWS when it has three parts and the
/// first decodes to a JSON object with `alg`; for a JWE when it has five. Its size is the caller's
/// to bound.
UnverifiedJwt read_unverified_jwt(std::string_view token);

}  // namespace ipfence
