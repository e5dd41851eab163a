#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ipfence {

/// How long the signatures of ES256, ES384 and ES512 are in base64url (RFC 7518, section 3.4), and
/// those of ES256K (RFC 8812), as the first.
inline constexpr std::array<std::size_t, 3> kSignatureSizes{86, 128, 176};

/// Which of them the last part of a token is as long as; their number where it is none.
inline std::size_t curve_of(std::string_view token) noexcept {
    const auto *found = std::ranges::find_if(kSignatureSizes, [token](std::size_t size) {
        return token.size() > size && token[token.size() - size - 1] == '.';
    });
    return static_cast<std::size_t>(found - kSignatureSizes.begin());
}

/// Whether it is as long as one of them.
inline bool may_have_two_spellings(std::string_view token) noexcept {
    return curve_of(token) < kSignatureSizes.size();
}

/// Whoever has a signature (r, s) of ECDSA can make (r, n - s) of it, which verifies as well, and
/// so a second text of the same JWS (threats.md G11). The text with the lesser of the two; empty
/// where the token is that one, or is no JWS with such a signature.
std::string lesser_spelling_of(std::string_view token);

}  // namespace ipfence
