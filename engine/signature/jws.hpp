#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/result.hpp"
#include "engine/signature/jwks.hpp"

namespace ipfence {

/// Why a token does not verify. `description` is a literal that repeats nothing of the token.
struct JwtFault {
    std::string_view description;
};

/// A JWS in compact form (RFC 7515, section 7.1) without its encoding; nobody vouches for any of
/// it.
struct DecodedJws {
    /// No provider's access token comes near it, and no header line of nginx's holds more.
    static constexpr std::size_t kMaxSize = 16 * 1024;

    /// How many keys are tried for a token that names none: each takes as long as a verification,
    /// and anybody can send such a token.
    static constexpr unsigned kMostKeysTried = 16;

    std::string header;
    std::string payload;
    std::string signature;
    std::string_view signed_text;  ///< what the signature is over; a view on the token
};

/// Decodes a token. A fault: more than kMaxSize, more or fewer than three parts, base64url that is
/// not canonical.
Result<DecodedJws, JwtFault> decode_jws(std::string_view token);

/// What a signature that verified was made over, and by which key.
struct VerifiedJws {
    std::string payload;
    std::string_view
        key_id;  ///< of the key that verified it, while the key set lasts; may be empty
};

/// Verifies the signature of a JWS in compact form (RFC 7515, section 5.2), and nothing of what it
/// says. The faults are those that verify_jwt has up to the signature.
Result<VerifiedJws, JwtFault> verify_jws(const Jwks &jwks, std::string_view token);

}  // namespace ipfence
