#include "engine/policy/visible.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ipfence {

namespace {

// The controls, the format characters of writing, and the separators of lines (Unicode's categories
// Cc, Zl and Zp, and of Cf those that hide or turn text).
constexpr std::pair<char32_t, char32_t> kHidden[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},
    {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f},
};

bool is_hidden(char32_t character) noexcept {
    return std::ranges::any_of(kHidden, [character](const auto &range) {
        return character >= range.first && character <= range.second;
    });
}

std::size_t size_of_character(char lead) noexcept {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

char32_t character_of(std::string_view bytes) noexcept {
    const auto lead = static_cast<unsigned char>(bytes.front());
    char32_t character = bytes.size() == 1 ? lead : lead & (0x7fU >> bytes.size());
    for (const char byte : bytes.substr(1)) {
        character = character << 6 | (static_cast<unsigned char>(byte) & 0x3fU);
    }
    return character;
}

void append_number(std::string &text, char32_t character) {
    std::array<char, 8> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                            static_cast<std::uint32_t>(character), 16);
    text.append("\\u{").append(digits.data(), end).append("}");
}

}  // namespace

std::string visible(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::size_t size = size_of_character(text.front());
        const std::string_view bytes = text.substr(0, size);
        const char32_t character = character_of(bytes);
        if (bytes.size() == size && is_hidden(character)) {
            append_number(shown, character);
        } else {
            shown += bytes;
        }
        text.remove_prefix(bytes.size());
    }
    return shown;
}

}  // namespace ipfence
