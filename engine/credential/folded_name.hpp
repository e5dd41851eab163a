#pragma once

#include <algorithm>
#include <string_view>

#include "engine/letter_case.hpp"

namespace ipfence {

/// What PHP, ASP.NET and others, taken together, make of a byte of a parameter's name: case is
/// lost, dots, dashes and spaces become underscores.
constexpr char folded(char byte) noexcept {
    return byte == '.' || byte == '-' || byte == ' ' ? '_' : lower_case(byte);
}

/// Whether two names may be the same to one of them.
constexpr bool equal_when_folded(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, folded, folded);
}

}  // namespace ipfence
