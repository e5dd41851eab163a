#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// A text that is known when the program is compiled, as a parameter of a template.
template <std::size_t N>
struct Literal {
    consteval Literal(const char (&literal)[N]) noexcept {
        std::copy_n(literal, N - 1, text.begin());
    }

    std::array<char, N - 1> text{};
};

/// One JSON object on a line of its own, built in memory of the caller's. Values are escaped by
/// nginx's encoder (ngx_escape_json), and so that every reader of lines takes it for one. Keys need
/// no escaping. A line that outgrows its memory comes out empty, never cut.
class JsonLine {
  public:
    explicit JsonLine(std::span<u_char> storage) noexcept
        : start_(storage.data()), last_(start_), end_(start_ + storage.size()) {}

    // All in the header, so that a key and what stands around it is one constant, and no function
    // needs the line's own address: its three pointers stay in registers.
    template <Literal key>
    [[gnu::always_inline]] void text(std::string_view value) noexcept {
        if (begin_text<key>(value.size())) {
            if (copy_unless_escaped(last_, value)) {
                last_ += value.size();
                *last_++ = '"';
            } else {
                end_text_escaped(value);
            }
        }
    }

    template <Literal key>
    void text_or_null(std::string_view value) noexcept {
        if (value.empty()) {
            null<key>();
        } else {
            text<key>(value);
        }
    }

    /// A text that is known to need no escaping: a name of the engine's, an address, digits.
    template <Literal key>
    void word(std::string_view value) noexcept {
        if (begin_text<key>(value.size())) {
            std::memcpy(last_, value.data(), value.size());
            last_ += value.size();
            *last_++ = '"';
        }
    }

    template <Literal key>
    void word_or_null(std::string_view value) noexcept {
        if (value.empty()) {
            null<key>();
        } else {
            word<key>(value);
        }
    }

    template <Literal key>
    void boolean(bool value) noexcept {
        if (value) {
            constant<key, "true">();
        } else {
            constant<key, "false">();
        }
    }

    template <Literal key>
    void null() noexcept {
        constant<key, "null">();
    }

    /// The finished line with its newline; empty when there is none.
    std::string_view finish() noexcept {
        constexpr std::string_view kEnding = "}\n";
        if (last_ == start_ || !has_room(kEnding.size())) {
            return {};
        }
        *start_ = '{';
        std::memcpy(last_, kEnding.data(), kEnding.size());
        last_ += kEnding.size();
        return {reinterpret_cast<char *>(start_), static_cast<std::size_t>(last_ - start_)};
    }

  private:
    static constexpr std::size_t kQuote = 1;

    template <Literal... parts>
    static constexpr auto joined() noexcept {
        std::array<char, (parts.text.size() + ...)> all;
        auto last = all.begin();
        ((last = std::ranges::copy(parts.text, last).out), ...);
        return all;
    }

    // Copies a value as it is; false when something in it must be escaped.
    static bool copy_unless_escaped(u_char *to, std::string_view value) noexcept;
    static std::size_t escaped_size(std::string_view text) noexcept;
    static u_char *write_escaped(u_char *last, std::string_view value) noexcept;

    // A line that has outgrown its memory has no room for anything that follows, either.
    bool has_room(std::size_t size) noexcept {
        if (static_cast<std::size_t>(end_ - last_) >= size) {
            return true;
        }
        end_ = last_;
        return false;
    }

    // The first member has a comma before it as well, which `finish` makes a brace.
    template <Literal key>
    bool begin_text(std::size_t size) noexcept {
        static constexpr auto kOpening = joined<",\"", key, "\":\"">();
        if (!has_room(kOpening.size() + size + kQuote)) {
            return false;
        }
        std::memcpy(last_, kOpening.data(), kOpening.size());
        last_ += kOpening.size();
        return true;
    }

    void end_text_escaped(std::string_view value) noexcept {
        if (has_room(escaped_size(value) + kQuote)) {
            last_ = write_escaped(last_, value);
            *last_++ = '"';
        }
    }

    template <Literal key, Literal value>
    void constant() noexcept {
        static constexpr auto kMember = joined<",\"", key, "\":", value>();
        if (has_room(kMember.size())) {
            std::memcpy(last_, kMember.data(), kMember.size());
            last_ += kMember.size();
        }
    }

    u_char *start_;
    u_char *last_;
    u_char *end_;
};

}  // namespace ipfence::module
