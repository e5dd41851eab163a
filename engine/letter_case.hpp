#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace ipfence {

/// A byte in lower case, if it is one of ASCII's letters: as the names of HTTP and nginx have it.
constexpr char lower_case(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

/// All of a text.
inline std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), lower_case);
    return lower;
}

/// Whether two texts are the same but for the case of their letters. Quickest where it is, too.
inline bool equal_without_case(std::string_view left, std::string_view right) noexcept {
    return left == right || std::ranges::equal(left, right, {}, lower_case, lower_case);
}

}  // namespace ipfence
