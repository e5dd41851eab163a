#include "engine/cli/paragraph.hpp"

#include "engine/policy/visible.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence::cli {

namespace {

constexpr std::size_t kColumns = 80;

// Characters, not bytes: names may be in any script.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
    }));
}

}  // namespace

std::string paragraph(std::string_view label, std::string_view words) {
    const std::string shown = visible(words);
    std::string_view text = shown;
    const std::size_t indent = width_of(label);
    std::string result(label);
    std::size_t column = indent;
    while (!text.empty()) {
        const std::string_view word = take_until(text, ' ');
        if (column > indent) {
            const bool fits = column + 1 + width_of(word) <= kColumns;
            result += fits ? " " : '\n' + std::string(indent, ' ');
            column = fits ? column + 1 : indent;
        }
        result += word;
        column += width_of(word);
    }
    return result + '\n';
}

}  // namespace ipfence::cli
