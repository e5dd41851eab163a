#include "engine/credential/percent_decoding.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace ipfence {

namespace {

constexpr std::size_t kEscapeDigits = 2;

std::optional<char> decode_escape(std::string_view digits) noexcept {
    unsigned char value = 0;
    if (digits.size() < kEscapeDigits) {
        return std::nullopt;
    }
    const char *end = digits.data() + kEscapeDigits;
    const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return static_cast<char>(value);
}

// The length of what stands for itself at the start of `text`. Two calls of memchr pass over a
// value faster than one look at each byte.
std::size_t literal_length(std::string_view text) noexcept {
    const std::string_view before_escape = text.substr(0, text.find('%'));
    return std::min(before_escape.find('+'), before_escape.size());
}

}  // namespace

std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept {
    std::size_t size = 0;
    while (true) {
        const std::size_t literal = literal_length(text);
        std::ranges::copy(text.substr(0, literal), out.begin() + static_cast<std::ptrdiff_t>(size));
        size += literal;
        text.remove_prefix(literal);
        if (text.empty()) {
            return std::string_view(out.data(), size);
        }
        const auto byte = text[0] == '+' ? std::optional(' ') : decode_escape(text.substr(1));
        if (!byte) {
            return std::nullopt;
        }
        out[size++] = *byte;
        text.remove_prefix(text[0] == '+' ? 1 : 1 + kEscapeDigits);
    }
}

}  // namespace ipfence
