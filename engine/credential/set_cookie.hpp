#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ipfence {

/// What one `Set-Cookie` line of an answer does (RFC 6265, section 5.2).
struct SetCookie {
    std::string_view name;
    std::string_view value;
    /// Whether it removes the cookie: an empty value, Max-Age of zero or less, or Expires in the
    /// past.
    bool removes = false;
    /// Seconds until it expires, from Max-Age, else Expires; empty for a session cookie.
    std::optional<std::int64_t> lifetime;
};

/// Reads a `Set-Cookie` value; `now` is the Unix time in seconds. Empty when it has no name or no
/// `=`. Unknown attributes are ignored, the last of a repeated attribute counts, as RFC 6265 has
/// it; an Expires that cannot be read is ignored.
std::optional<SetCookie> parse_set_cookie(std::string_view line, std::int64_t now) noexcept;

}  // namespace ipfence
