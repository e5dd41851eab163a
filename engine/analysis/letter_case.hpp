#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace ipfence {

/// As nginx has it, which looks at ASCII's letters alone.
constexpr char lower_case(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

/// A text, or a comparison of two, in which the case of letters does not count.
inline std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), lower_case);
    return lower;
}

inline bool equal_without_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower_case, lower_case);
}

}  // namespace ipfence
