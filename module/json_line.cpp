#include "module/json_line.hpp"

namespace ipfence::module {

JsonLine::JsonLine(ngx_pool_t *pool, std::size_t capacity) noexcept
    : start_(static_cast<u_char *>(ngx_pnalloc(pool, capacity))),
      last_(start_),
      end_(start_ == nullptr ? nullptr : start_ + capacity),
      failed_(start_ == nullptr) {}

void JsonLine::text(std::string_view key, std::string_view value) noexcept {
    constexpr std::size_t kQuotes = 2;
    const ngx_str_t bytes = ngx_view(value);
    const std::size_t escapes = ngx_escape_json(nullptr, bytes.data, bytes.len);
    if (!begin_member(key, bytes.len + escapes + kQuotes)) {
        return;
    }
    *last_++ = '"';
    if (escapes != 0) {
        last_ = reinterpret_cast<u_char *>(ngx_escape_json(last_, bytes.data, bytes.len));
    } else if (bytes.len != 0) {
        last_ = ngx_cpymem(last_, bytes.data, bytes.len);
    }
    *last_++ = '"';
}

void JsonLine::text_or_null(std::string_view key, std::string_view value) noexcept {
    if (value.empty()) {
        null(key);
    } else {
        text(key, value);
    }
}

void JsonLine::boolean(std::string_view key, bool value) noexcept {
    literal(key, value ? "true" : "false");
}

void JsonLine::null(std::string_view key) noexcept {
    literal(key, "null");
}

std::string_view JsonLine::finish() noexcept {
    constexpr std::size_t kEnding = 2;
    if (failed_ || static_cast<std::size_t>(end_ - last_) < kEnding) {
        return {};
    }
    *last_++ = '}';
    *last_++ = '\n';
    return {reinterpret_cast<char *>(start_), static_cast<std::size_t>(last_ - start_)};
}

bool JsonLine::begin_member(std::string_view key, std::size_t value_size) noexcept {
    constexpr std::size_t kPunctuation = 4;
    if (failed_ ||
        static_cast<std::size_t>(end_ - last_) < key.size() + kPunctuation + value_size) {
        failed_ = true;
        return false;
    }
    const bool is_first = last_ == start_;
    *last_++ = is_first ? '{' : ',';
    *last_++ = '"';
    last_ = ngx_cpymem(last_, key.data(), key.size());
    *last_++ = '"';
    *last_++ = ':';
    return true;
}

void JsonLine::literal(std::string_view key, std::string_view value) noexcept {
    if (begin_member(key, value.size())) {
        last_ = ngx_cpymem(last_, value.data(), value.size());
    }
}

}  // namespace ipfence::module
