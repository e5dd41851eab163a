#include "engine/credential/percent_decoding.hpp"

#include <charconv>

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

}  // namespace

std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept {
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto byte = decode_escape(text.substr(i + 1));
            if (!byte) {
                return std::nullopt;
            }
            out[size++] = *byte;
            i += kEscapeDigits;
        } else {
            out[size++] = text[i] == '+' ? ' ' : text[i];
        }
    }
    return std::string_view(out.data(), size);
}

}  // namespace ipfence
