#include "engine/analysis/destination.hpp"

#include <array>

#include "engine/address/address.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kThisMachine = "this-machine";

struct Scheme {
    std::string_view name;
    unsigned default_port;
};

constexpr std::array<Scheme, 6> kSchemes{{
    {"http://", 80},
    {"https://", 443},
    {"grpc://", 80},
    {"grpcs://", 443},
    {"uwsgi://", 0},
    {"suwsgi://", 0},
}};

struct HostAndPort {
    std::string_view host;
    std::string_view port;  // empty when none is written
};

HostAndPort split(std::string_view text) noexcept {
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    const bool bracketed = bracket != std::string_view::npos;
    const std::size_t colon = text.find(':', bracketed ? bracket : 0);
    const std::string_view host = text.substr(0, colon);
    return {bracketed ? text.substr(1, bracket - 1) : host,
            colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1)};
}

bool is_this_machine(Address address) noexcept {
    if (address.family() == Address::Family::ipv4) {
        return address.ipv4() >> 24 == 127 || address.ipv4() == 0;
    }
    return address.high() == 0 && address.low() <= 1;
}

std::string host_of(std::string_view host) {
    if (const auto address = Address::parse(host)) {
        return is_this_machine(*address) ? std::string(kThisMachine) : address->text();
    }
    std::string name = in_lower_case(host);
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name == "localhost" ? std::string(kThisMachine) : name;
}

}  // namespace

std::string_view without_uri(std::string_view argument) noexcept {
    const std::size_t scheme = argument.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    // The path of a unix socket ends at a colon, every other host at a slash.
    const bool is_unix = argument.substr(begin).starts_with(kUnix);
    const std::size_t end =
        is_unix ? argument.find(':', begin + kUnix.size()) : argument.find_first_of("/?", begin);
    return argument.substr(0, end);
}

PassAddress parse_pass(std::string_view directive, std::string_view argument) {
    std::string_view host = without_uri(argument);
    const std::string lower = in_lower_case(host);
    for (const Scheme &scheme : kSchemes) {
        if (lower.starts_with(scheme.name)) {
            host.remove_prefix(scheme.name.size());
            return {host, scheme.default_port};
        }
    }
    return {host, directive == "grpc_pass" ? 80U : 0U};
}

std::string destination_of(std::string_view host, unsigned default_port) {
    if (host.starts_with(kUnix)) {
        std::string path;
        for (const char byte : host) {
            // "//" is "/" in a path.
            if (byte != '/' || !path.ends_with('/')) {
                path += byte;
            }
        }
        return path;
    }
    const auto [name, port] = split(host);
    return host_of(name) + ':' + (port.empty() ? std::to_string(default_port) : std::string(port));
}

std::string listener_key(std::string_view argument) {
    constexpr std::string_view kDigits = "0123456789";
    if (argument.starts_with(kUnix)) {
        return std::string(argument);
    }
    if (argument.find_first_not_of(kDigits) == std::string_view::npos) {
        return "*:" + std::string(argument);
    }
    const auto [host, port] = split(argument);
    const bool is_every = host == "*" || Address::parse(host) == Address::from_ipv4(0);
    return (is_every ? "*" : in_lower_case(host)) + ':' + (port.empty() ? "80" : std::string(port));
}

bool is_local_listener(std::string_view argument) {
    if (argument.starts_with(kUnix)) {
        return true;
    }
    const auto address = Address::parse(split(argument).host);
    // The unspecified address is every interface's.
    return (address && is_this_machine(*address) && *address != Address::from_ipv4(0) &&
            *address != Address::from_ipv6(0, 0)) ||
           split(argument).host == "localhost";
}

}  // namespace ipfence
