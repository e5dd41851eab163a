#include "engine/credential/percent_decoding.hpp"

#include <algorithm>
#include <cstring>

namespace ipfence {

namespace {

// Finds what does not stand for itself. Two calls of memchr pass over a value faster than one look
// at each byte; each byte is passed over once, however many of the other kind there are.
class EscapeFinder {
  public:
    explicit EscapeFinder(std::string_view text) noexcept : text_(text) {}

    /// The first `+` or `%` at `from` or behind, or the size of the text.
    std::size_t next(std::size_t from) noexcept {
        plus_ = plus_ < from ? find('+', from) : plus_;
        percent_ = percent_ < from ? find('%', from) : percent_;
        return std::min(plus_, percent_);
    }

  private:
    std::size_t find(char byte, std::size_t from) const noexcept {
        return std::min(text_.find(byte, from), text_.size());
    }

    std::string_view text_;
    std::size_t plus_ = find('+', 0);
    std::size_t percent_ = find('%', 0);
};

}  // namespace

std::optional<std::string_view> decode_form_text(std::string_view text,
                                                 std::span<char> out) noexcept {
    EscapeFinder finder(text);
    std::size_t size = 0;
    std::size_t at = 0;
    while (true) {
        const std::size_t escape = finder.next(at);
        if (escape != at) {
            std::memmove(out.data() + size, text.data() + at, escape - at);
        }
        size += escape - at;
        if (escape == text.size()) {
            return std::string_view(out.data(), size);
        }
        const bool is_space = text[escape] == '+';
        const auto byte = is_space ? std::optional(' ') : decode_escape(text.substr(escape + 1));
        if (!byte) {
            return std::nullopt;
        }
        out[size++] = *byte;
        at = escape + (is_space ? 1 : 1 + kEscapeDigits);
    }
}

}  // namespace ipfence
