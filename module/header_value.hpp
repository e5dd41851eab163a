#pragma once

#include <algorithm>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether two texts are the same but for the case of ASCII's letters. Quickest where it is, too.
inline bool equals_ignoring_case(std::string_view text, std::string_view other) noexcept {
    return text == other ||
           (text.size() == other.size() &&
            ngx_strncasecmp(ngx_view(text).data, ngx_view(other).data, text.size()) == 0);
}

/// Takes the first element off a list in a header's value, and what separates it from the rest.
/// Without the blanks around it.
inline std::string_view take_until(std::string_view &list, char separator) noexcept {
    constexpr std::string_view kBlanks = " \t";
    std::string_view element = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(element.size() + 1, list.size()));
    element.remove_prefix(std::min(element.find_first_not_of(kBlanks), element.size()));
    return element.substr(0, element.find_last_not_of(kBlanks) + 1);
}

}  // namespace ipfence::module
