#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace ipfence {

/// How many hexadecimal digits follow a `%`.
inline constexpr std::size_t kEscapeDigits = 2;

/// The value of each byte that is a hexadecimal digit; of any other one kNoDigit.
inline constexpr unsigned char kNoDigit = 0xff;
inline constexpr std::array<unsigned char, 256> kHexadecimalDigits = [] {
    std::array<unsigned char, 256> digits{};
    digits.fill(kNoDigit);
    for (unsigned char value = 0; value < 16; ++value) {
        digits[static_cast<unsigned char>("0123456789abcdef"[value])] = value;
        digits[static_cast<unsigned char>("0123456789ABCDEF"[value])] = value;
    }
    return digits;
}();

/// The byte of `%XX`, of which the text begins with the two hexadecimal digits; empty where it does
/// not.
inline std::optional<char> decode_escape(std::string_view digits) noexcept {
    if (digits.size() < kEscapeDigits) {
        return std::nullopt;
    }
    const unsigned high = kHexadecimalDigits[static_cast<unsigned char>(digits[0])];
    const unsigned low = kHexadecimalDigits[static_cast<unsigned char>(digits[1])];
    return (high | low) == kNoDigit ? std::nullopt
                                    : std::optional(static_cast<char>(high << 4 | low));
}

/// Decodes application/x-www-form-urlencoded text (`+` is a space, `%XX` a byte) into `out`, which
/// must be at least as large and may be where the text is. Any other byte stands for itself. Empty
/// for a `%` without two hexadecimal digits.
std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept;

}  // namespace ipfence
