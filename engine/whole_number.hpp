#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace ipfence {

/// The number that a text is, all of it, in decimal digits; empty for anything else, and for one
/// that is out of range. A sign is a number's only where `Number` has one.
template <class Number>
std::optional<Number> whole_number(std::string_view text) noexcept {
    Number number{};
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace ipfence
