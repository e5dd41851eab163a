#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ipfence {

/// Takes what stands before the first `separator` off the front of a text, and the separator with
/// it; without one, all of it.
constexpr std::string_view take_until(std::string_view &text, char separator) noexcept {
    const std::string_view piece = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    return piece;
}

/// Whether a word is one of those that single spaces separate, as in `scope` and `prompt` (RFC
/// 6749, section 3.3).
constexpr bool has_word(std::string_view words, std::string_view wanted) noexcept {
    while (!words.empty()) {
        if (take_until(words, ' ') == wanted) {
            return true;
        }
    }
    return false;
}

/// A text without the `blanks` at its ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks) noexcept {
    const auto is_blank = [blanks](char byte) {
        return std::ranges::find(blanks, byte) != blanks.end();
    };
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// The beginning of a text of UTF-8, of at most `size` bytes: never a part of a character.
constexpr std::string_view cut_between_characters(std::string_view text,
                                                  std::size_t size) noexcept {
    if (size >= text.size()) {
        return text;
    }
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
        --size;
    }
    return text.substr(0, size);
}

}  // namespace ipfence
