#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace ipfence {

/// Decodes application/x-www-form-urlencoded text (`+` is a space, `%XX` a byte) into `out`, which
/// must be at least as large. Refuses, by an empty result, a `%` without two hexadecimal digits, a
/// raw byte that is not printable ASCII, a raw `;` (some parsers end a parameter there), and a
/// decoded control byte.
std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept;

}  // namespace ipfence
