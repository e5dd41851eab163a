#pragma once

#include <string>
#include <string_view>

namespace ipfence {

/// Whoever has a signature (r, s) of ECDSA can make (r, n - s) of it, which verifies as well, and
/// so a second text of the same JWS (threats.md G11). The text with the lesser of the two; empty
/// where the token is that one, or is no JWS whose signature is as long as one of RFC 7518,
/// section 3.4.
std::string lesser_spelling_of(std::string_view token);

}  // namespace ipfence
