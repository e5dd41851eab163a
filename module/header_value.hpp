#pragma once

#include <string_view>

#include "engine/text_pieces.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether two texts are the same but for the case of ASCII's letters. Quickest where it is, too.
inline bool equals_ignoring_case(std::string_view text, std::string_view other) noexcept {
    return text == other ||
           (text.size() == other.size() &&
            ngx_strncasecmp(ngx_view(text).data, ngx_view(other).data, text.size()) == 0);
}

/// What may stand around the elements of a list in a header's value (RFC 9110, section 5.6.3).
inline constexpr std::string_view kBlanks = " \t";

/// Takes the first element off such a list, and what separates it from the rest. Without the blanks
/// around it.
inline std::string_view take_element(std::string_view &list, char separator) noexcept {
    return trimmed(take_until(list, separator), kBlanks);
}

}  // namespace ipfence::module
