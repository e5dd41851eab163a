#pragma once

#include <string_view>

#include "engine/text_pieces.hpp"

namespace ipfence::module {

/// What may stand around the elements of a list in a header's value (RFC 9110, section 5.6.3).
inline constexpr std::string_view kBlanks = " \t";

/// Takes the first element off such a list, and what separates it from the rest. Without the blanks
/// around it.
inline std::string_view take_element(std::string_view &list, char separator) noexcept {
    return trimmed(take_until(list, separator), kBlanks);
}

}  // namespace ipfence::module
