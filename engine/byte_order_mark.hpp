#pragma once

#include <string_view>

namespace ipfence {

/// What to say of a text that some editors made, and no reader here takes.
inline constexpr std::string_view kBeginsWithByteOrderMark =
    "begins with a byte order mark; save it as UTF-8 without one";

/// Whether a text begins with the mark of byte order (U+FEFF), in UTF-8 or UTF-16. It is not to be
/// seen, so that a message about what stands behind it helps nobody.
inline bool begins_with_byte_order_mark(std::string_view text) noexcept {
    return text.starts_with("\xef\xbb\xbf") || text.starts_with("\xff\xfe") ||
           text.starts_with("\xfe\xff");
}

}  // namespace ipfence
