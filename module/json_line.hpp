#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// One JSON object on a line of its own, built in memory of the caller's. Values are escaped by
/// nginx's encoder (ngx_escape_json), and so that every reader of lines takes it for one. Keys are
/// literals that need no escaping. A line that outgrows its memory comes out empty, never cut.
class JsonLine {
  public:
    explicit JsonLine(std::span<u_char> storage) noexcept
        : start_(storage.data()), last_(start_), end_(start_ + storage.size()) {}

    // All in the header, so that the size of a key is a constant where it is copied, and no
    // function needs the line's own address: its three pointers stay in registers.
    template <std::size_t N>
    [[gnu::always_inline]] void text(const char (&key)[N], std::string_view value) noexcept {
        const std::size_t size = needs_escaping(value) ? escaped_size(value) : value.size();
        if (size == value.size()) {
            word(key, value);
        } else if (begin_member(key, size + kQuotes)) {
            *last_++ = '"';
            last_ = write_escaped(last_, value);
            *last_++ = '"';
        }
    }

    template <std::size_t N>
    void text_or_null(const char (&key)[N], std::string_view value) noexcept {
        if (value.empty()) {
            literal(key, "null");
        } else {
            text(key, value);
        }
    }

    /// A text that is known to need no escaping: a name of the engine's, an address, digits.
    template <std::size_t N>
    void word(const char (&key)[N], std::string_view value) noexcept {
        if (begin_member(key, value.size() + kQuotes)) {
            *last_++ = '"';
            add(value);
            *last_++ = '"';
        }
    }

    template <std::size_t N>
    void word_or_null(const char (&key)[N], std::string_view value) noexcept {
        if (value.empty()) {
            literal(key, "null");
        } else {
            word(key, value);
        }
    }

    template <std::size_t N>
    void boolean(const char (&key)[N], bool value) noexcept {
        if (value) {
            literal(key, "true");
        } else {
            literal(key, "false");
        }
    }

    template <std::size_t N>
    void null(const char (&key)[N]) noexcept {
        literal(key, "null");
    }

    /// The finished line with its newline; empty when there is none.
    std::string_view finish() noexcept {
        constexpr std::string_view kEnding = "}\n";
        if (failed_ || last_ == start_ || static_cast<std::size_t>(end_ - last_) < kEnding.size()) {
            return {};
        }
        *start_ = '{';
        add(kEnding);
        return {reinterpret_cast<char *>(start_), static_cast<std::size_t>(last_ - start_)};
    }

  private:
    static constexpr std::size_t kQuotes = 2;

    static bool needs_escaping(std::string_view text) noexcept;
    static std::size_t escaped_size(std::string_view text) noexcept;
    static u_char *write_escaped(u_char *last, std::string_view value) noexcept;

    void add(std::string_view text) noexcept {
        std::memcpy(last_, text.data(), text.size());
        last_ += text.size();
    }

    // The first member has a comma before it as well, which `finish` makes a brace.
    template <std::size_t N>
    bool begin_member(const char (&key)[N], std::size_t value_size) noexcept {
        constexpr std::size_t kPunctuation = 4;
        if (failed_ || static_cast<std::size_t>(end_ - last_) < N - 1 + kPunctuation + value_size) {
            failed_ = true;
            return false;
        }
        add(",\"");
        add({key, N - 1});
        add("\":");
        return true;
    }

    template <std::size_t N, std::size_t M>
    void literal(const char (&key)[N], const char (&value)[M]) noexcept {
        if (begin_member(key, M - 1)) {
            add({value, M - 1});
        }
    }

    u_char *start_;
    u_char *last_;
    u_char *end_;
    bool failed_ = false;
};

}  // namespace ipfence::module
