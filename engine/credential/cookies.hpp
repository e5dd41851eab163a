#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ipfence {

/// The one value of a cookie in a request.
struct CookieValue {
    enum class Kind : std::uint8_t {
        absent,
        one,        ///< given once, or more than once with the same bytes
        ambiguous,  ///< several different values, or bytes that cookie parsers read differently
    };
    Kind kind = Kind::absent;
    std::string_view value;  ///< set exactly for `one`; a view on the header
};

/// Finds the cookie `name` (exact bytes) in the request's `Cookie` header lines, split at `;` alone
/// and trimmed of spaces as RFC 6265, section 5.4 writes them (threats.md J04, J05). Ambiguous:
/// two different values, a value with a quote, comma, backslash, space, tab, control or non-ASCII
/// byte, a line in which a quoted value, `$Version` or another name's odd spelling (spaces before
/// `=`, other case, escapes, a dot in the place of an underscore) could be this cookie to another
/// parser, or in which a comma or a blank in another cookie could begin this one. An empty value is
/// absent. More than 64 cookies in all are ambiguous (M12). Allocates nothing.
CookieValue find_cookie(std::span<const std::string_view> lines, std::string_view name) noexcept;

/// The values that any parser may find for a cookie, also where `find_cookie` says that it is
/// ambiguous: in whatever case its name is, between commas or blanks, in quotes, with backslashes
/// or without, and each of several.
struct CookieReadings {
    static constexpr std::size_t kMost = 8;
    std::array<std::string, kMost> values{};
    std::size_t count = 0;
    bool are_too_many = false;  ///< more than kMost that differ
};
CookieReadings read_cookie_in_any_way(std::span<const std::string_view> lines,
                                      std::string_view name);

/// A value without percent-encoding, which many frameworks read cookies by: to them it is the same
/// cookie. An escape that is none stays as it is.
std::string decode_cookie_value(std::string_view value);

}  // namespace ipfence
