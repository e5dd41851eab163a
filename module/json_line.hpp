#pragma once

#include <optional>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// One JSON object on a line of its own, built in pool memory. Values are escaped by nginx's
/// encoder (ngx_escape_json), and so that every reader of lines takes it for one. Keys are literals
/// that need no escaping. A line that outgrows its capacity, or whose memory is not there, comes
/// out empty, never cut.
class JsonLine {
  public:
    JsonLine(ngx_pool_t *pool, std::size_t capacity) noexcept;

    void text(std::string_view key, std::string_view value) noexcept;
    void text_or_null(std::string_view key, std::string_view value) noexcept;
    void boolean(std::string_view key, bool value) noexcept;
    void null(std::string_view key) noexcept;

    /// The finished line with its newline; empty when there is none.
    std::string_view finish() noexcept;

  private:
    bool begin_member(std::string_view key, std::size_t value_size) noexcept;
    void literal(std::string_view key, std::string_view value) noexcept;

    u_char *start_;
    u_char *last_;
    u_char *end_;
    bool failed_;
};

}  // namespace ipfence::module
