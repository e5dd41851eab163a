#include "engine/address/forwarded.hpp"

#include <algorithm>
#include <charconv>

namespace ipfence {

namespace {

char lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool equals_ignoring_case(std::string_view a, std::string_view lower_case) noexcept {
    return std::ranges::equal(a, lower_case, {}, lower);
}

// Only spaces: a tab in one of these headers is written by nobody honest.
std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

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

// The value of a Forwarded parameter (RFC 7239, section 4): a token, or a quoted string, in which
// nothing that an address needs is ever escaped.
std::optional<std::string_view> unquoted(std::string_view text) noexcept {
    if (!text.starts_with('"')) {
        return text.find('"') == std::string_view::npos ? std::optional(text) : std::nullopt;
    }
    if (text.size() < 2 || !text.ends_with('"')) {
        return std::nullopt;
    }
    text = text.substr(1, text.size() - 2);
    return text.find_first_of("\"\\") == std::string_view::npos ? std::optional(text)
                                                                : std::nullopt;
}

// Splits off what stands behind the last `separator` that is not in quotes.
std::string_view take_last(std::string_view &text, char separator) noexcept {
    std::size_t at = std::string_view::npos;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == '\\' && quoted) {
            ++i;
        } else if (text[i] == separator && !quoted) {
            at = i;
        }
    }
    const std::string_view last = at == std::string_view::npos ? text : text.substr(at + 1);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
    return last;
}

// The node of one Forwarded element: its only `for`. IPv6 must be in brackets and quotes.
std::optional<Address> parse_forwarded_element(std::string_view element) noexcept {
    std::optional<Address> address;
    while (!element.empty()) {
        const std::string_view pair = trimmed(take_last(element, ';'));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return std::nullopt;
        }
        if (!equals_ignoring_case(pair.substr(0, equals), "for")) {
            continue;
        }
        const std::string_view value = pair.substr(equals + 1);
        const auto node = unquoted(value);
        const bool bare_ipv6 =
            node && !node->starts_with('[') && std::ranges::count(*node, ':') > 1;
        const bool bracket_unquoted = value.starts_with('[');
        if (address || !node || bare_ipv6 || bracket_unquoted) {
            return std::nullopt;
        }
        address = parse_node(*node);
        if (!address) {
            return std::nullopt;
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

std::optional<Address> single_value(std::span<const std::string_view> lines) noexcept {
    const auto address = lines.size() == 1 ? Address::parse(lines[0]) : std::nullopt;
    return address ? client_or_unknown(*address) : std::nullopt;
}

}  // namespace

ForwardedSyntax forwarded_syntax_of(std::string_view header_name) noexcept {
    if (equals_ignoring_case(header_name, "x-forwarded-for")) {
        return ForwardedSyntax::x_forwarded_for;
    }
    return equals_ignoring_case(header_name, "forwarded") ? ForwardedSyntax::forwarded
                                                          : ForwardedSyntax::single_value;
}

std::optional<Address> client_from_forwarded(ForwardedSyntax syntax,
                                             std::span<const std::string_view> lines,
                                             const RangeTable &trusted_proxies) noexcept {
    if (syntax == ForwardedSyntax::single_value) {
        return single_value(lines);
    }
    for (std::size_t i = lines.size(); i-- > 0;) {
        std::string_view line = lines[i];
        bool more = true;
        while (more) {
            const std::size_t before = line.size();
            const std::string_view last = take_last(line, ',');
            // What was taken was the whole line exactly when no separator went with it.
            more = last.size() != before;
            const std::string_view element = trimmed(last);
            const auto address = syntax == ForwardedSyntax::forwarded
                                     ? parse_forwarded_element(element)
                                     : parse_node(element);
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
