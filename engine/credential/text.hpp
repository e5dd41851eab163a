#pragma once

#include <string_view>

namespace ipfence {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above
/// U+10FFFF).
bool is_utf8(std::string_view text) noexcept;

/// Whether `text` has a NUL, another C0 control byte, or DEL.
bool has_control_byte(std::string_view text) noexcept;

/// Whether `text` can name a user, an app or a profile: not empty, UTF-8, no control byte. What
/// cannot is refused rather than compared.
bool is_name(std::string_view text) noexcept;

}  // namespace ipfence
