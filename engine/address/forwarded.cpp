#include "engine/address/forwarded.hpp"

#include <algorithm>
#include <charconv>

#include "engine/letter_case.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

// A tab in one of these headers is written by nobody honest.
constexpr std::string_view kBlanks = " ";

bool is_port(std::string_view text) noexcept {
    constexpr std::size_t kMaxDigits = 5;
    unsigned value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && text.size() <= kMaxDigits && value <= 65535;
}

// `[v6]` or `[v6]:port`.
std::optional<Address> parse_bracketed(std::string_view text) noexcept {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view inside = text.substr(1, close - 1);
    const std::string_view after = text.substr(close + 1);
    const bool good_tail = after.empty() || (after[0] == ':' && is_port(after.substr(1)));
    // Brackets are for IPv6 text, whatever it normalizes to.
    return good_tail && inside.find(':') != std::string_view::npos ? Address::parse(inside)
                                                                   : std::nullopt;
}

// An address with an optional port; a bare IPv6 address has none.
std::optional<Address> parse_node(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        return parse_bracketed(text);
    }
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        return is_port(text.substr(colon + 1)) ? Address::parse(text.substr(0, colon))
                                               : std::nullopt;
    }
    return Address::parse(text);
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) noexcept {
    constexpr std::string_view kTokenCharacters =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return !text.empty() && text.find_first_not_of(kTokenCharacters) == std::string_view::npos;
}

// RFC 9110, section 5.6.4: quotes around the whole, and between them none that is not escaped.
bool is_quoted_string(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '"') {
        return false;
    }
    std::size_t i = 1;
    while (i < text.size() && text[i] != '"') {
        i += text[i] == '\\' ? 2 : 1;
    }
    return i == text.size() - 1;
}

// Whether the quote at `at` is escaped: an odd number of backslashes stands in front of it.
bool is_escaped(std::string_view text, std::size_t at) noexcept {
    const std::size_t before = text.substr(0, at).find_last_not_of('\\');
    return (at - (before == std::string_view::npos ? 0 : before + 1)) % 2 == 1;
}

// The last `separator` that is in no quoted string. The right end is what a proxy wrote, so the
// search begins there: no quote that a client left open can reach over the proxy's comma. Where
// both ends are well-formed, it finds what a search from the left would.
std::size_t find_last_unquoted(std::string_view text, char separator) noexcept {
    bool quoted = false;
    for (std::size_t i = text.size(); i-- > 0;) {
        if (text[i] == '"' && !is_escaped(text, i)) {
            quoted = !quoted;
        } else if (text[i] == separator && !quoted) {
            return i;
        }
    }
    return std::string_view::npos;
}

// Cuts `text` at a separator and returns what stands behind it; without one that is all of it.
std::string_view take_behind(std::string_view &text, std::size_t separator) noexcept {
    const bool found = separator != std::string_view::npos;
    const std::string_view behind = found ? text.substr(separator + 1) : text;
    text = found ? text.substr(0, separator) : std::string_view{};
    return behind;
}

// The value of `for`. A colon is in no token, so IPv6 and ports are in quotes (RFC 7239, section
// 4); IPv6 is in brackets, too (section 6). Nothing that an address needs is ever escaped.
std::optional<Address> parse_for(std::string_view value) noexcept {
    if (value.starts_with('"')) {
        value = value.substr(1, value.size() - 2);
    }
    const bool bare_ipv6 = !value.starts_with('[') && std::ranges::count(value, ':') > 1;
    return bare_ipv6 ? std::nullopt : parse_node(value);
}

// The node of one Forwarded element: its only `for`. The other parameters must be well-formed, or
// one of them might hide where this element ends.
std::optional<Address> parse_forwarded_element(std::string_view element) noexcept {
    std::optional<Address> address;
    for (bool more = true; more;) {
        const std::size_t semicolon = find_last_unquoted(element, ';');
        more = semicolon != std::string_view::npos;
        const std::string_view pair = trimmed(take_behind(element, semicolon), kBlanks);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = pair.substr(equals + 1);
        if (!is_token(name) || !(is_token(value) || is_quoted_string(value))) {
            return std::nullopt;
        }
        if (equal_without_case(name, "for")) {
            address = address ? std::nullopt : parse_for(value);
            if (!address) {
                return std::nullopt;
            }
        }
    }
    return address;
}

// Sources that no client has (threats.md C17): a header that names one was made up.
bool can_be_a_client(Address address) noexcept {
    if (address.family() == Address::Family::ipv4) {
        const std::uint32_t first_octet = address.ipv4() >> 24;
        return first_octet != 0 && first_octet != 127 && first_octet < 224;
    }
    const bool unspecified_or_loopback = address.high() == 0 && address.low() <= 1;
    const bool multicast = address.high() >> 56 == 0xff;
    return !unspecified_or_loopback && !multicast;
}

std::optional<Address> client_or_unknown(Address address) noexcept {
    return can_be_a_client(address) ? std::optional(address) : std::nullopt;
}

std::optional<Address> client_from_single_value(std::span<const std::string_view> lines,
                                                const RangeTable &trusted_proxies) noexcept {
    const auto address = lines.size() == 1 ? Address::parse(lines[0]) : std::nullopt;
    return address && !trusted_proxies.contains(*address) ? client_or_unknown(*address)
                                                          : std::nullopt;
}

// X-Forwarded-For knows no quotes: there, every comma separates.
std::size_t find_last_comma(ForwardedSyntax syntax, std::string_view line) noexcept {
    return syntax == ForwardedSyntax::forwarded ? find_last_unquoted(line, ',') : line.rfind(',');
}

std::optional<Address> parse_element(ForwardedSyntax syntax, std::string_view element) noexcept {
    return syntax == ForwardedSyntax::forwarded ? parse_forwarded_element(element)
                                                : parse_node(element);
}

}  // namespace

ForwardedSyntax forwarded_syntax_of(std::string_view header_name) noexcept {
    if (equal_without_case(header_name, "x-forwarded-for")) {
        return ForwardedSyntax::x_forwarded_for;
    }
    return equal_without_case(header_name, "forwarded") ? ForwardedSyntax::forwarded
                                                        : ForwardedSyntax::single_value;
}

std::optional<Address> client_from_forwarded(ForwardedSyntax syntax,
                                             std::span<const std::string_view> lines,
                                             const RangeTable &trusted_proxies) noexcept {
    if (syntax == ForwardedSyntax::single_value) {
        return client_from_single_value(lines, trusted_proxies);
    }
    for (std::size_t i = lines.size(); i-- > 0;) {
        std::string_view line = lines[i];
        for (bool more = true; more;) {
            const std::size_t comma = find_last_comma(syntax, line);
            more = comma != std::string_view::npos;
            const auto address = parse_element(syntax, trimmed(take_behind(line, comma), kBlanks));
            if (!address) {
                return std::nullopt;
            }
            if (!trusted_proxies.contains(*address)) {
                return client_or_unknown(*address);
            }
        }
    }
    return std::nullopt;
}

}  // namespace ipfence
