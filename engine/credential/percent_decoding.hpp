#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace ipfence {

/// The byte of `%XX`, of which the text begins with the two hexadecimal digits; empty where it does
/// not.
std::optional<char> decode_escape(std::string_view digits) noexcept;

/// Decodes application/x-www-form-urlencoded text (`+` is a space, `%XX` a byte) into `out`, which
/// must be at least as large. Any other byte stands for itself. Empty for a `%` without two
/// hexadecimal digits.
std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept;

}  // namespace ipfence
