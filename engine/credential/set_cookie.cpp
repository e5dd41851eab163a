#include "engine/credential/set_cookie.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/letter_case.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

// What Set-Cookie may have around names and values (RFC 6265, section 5.2).
constexpr std::string_view kBlanks = " \t";

std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept {
    std::int64_t seconds = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error == std::errc::result_out_of_range) {
        return text.starts_with('-') ? INT64_MIN : INT64_MAX;
    }
    return error == std::errc{} && stop == end ? std::optional(seconds) : std::nullopt;
}

// RFC 9110, section 5.6.7, with spaces or dashes in the date, and of the year perhaps two digits
// (RFC 6265, section 5.1.1): up to 69 they are of this century, and all others of the past.
std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
    std::array<char, 40> date{};
    if (text.size() >= date.size()) {
        return std::nullopt;
    }
    std::ranges::replace_copy(text, date.begin(), '-', ' ');
    tm parts{};
    const char *end = ::strptime(date.data(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    constexpr int kFirstYear = 1900;  // of a tm
    constexpr int kCentury = 2000;
    parts.tm_year += parts.tm_year < 70 - kFirstYear ? kCentury : 0;
    return ::timegm(&parts);
}

struct Expiry {
    std::optional<std::int64_t> max_age;
    std::optional<std::int64_t> expires_in;

    void read(std::string_view attribute, std::int64_t now) noexcept {
        const std::size_t equals = attribute.find('=');
        if (equals == std::string_view::npos) {
            return;
        }
        const std::string_view name = trimmed(attribute.substr(0, equals), kBlanks);
        const std::string_view value = trimmed(attribute.substr(equals + 1), kBlanks);
        if (equal_without_case(name, "max-age")) {
            const auto seconds = parse_seconds(value);
            max_age = seconds ? seconds : max_age;
        } else if (equal_without_case(name, "expires")) {
            const auto date = parse_date(value);
            expires_in = date ? std::optional(*date - now) : expires_in;
        }
    }
};

}  // namespace

std::optional<SetCookie> parse_set_cookie(std::string_view line, std::int64_t now) noexcept {
    const std::string_view pair = take_until(line, ';');
    const std::size_t equals = pair.find('=');
    const std::string_view name = trimmed(pair.substr(0, equals), kBlanks);
    if (equals == std::string_view::npos || name.empty()) {
        return std::nullopt;
    }
    Expiry expiry;
    while (!line.empty()) {
        expiry.read(take_until(line, ';'), now);
    }
    SetCookie cookie{name, trimmed(pair.substr(equals + 1), kBlanks), false,
                     expiry.max_age ? expiry.max_age : expiry.expires_in};
    cookie.removes = cookie.value.empty() || (cookie.lifetime && *cookie.lifetime <= 0);
    return cookie;
}

}  // namespace ipfence
