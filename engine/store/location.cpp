#include "engine/store/location.hpp"

#include <algorithm>
#include <optional>

#include "engine/credential/percent_decoding.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

constexpr std::size_t kMaxServers = 1024;
// Redis's own limit is its `databases`, of which nobody has this many.
constexpr unsigned kMaxDatabase = 16383;

// RFC 3986, section 2.1: there, unlike in a form, a plus is a plus.
std::optional<std::string> decode_user_information(std::string_view text) {
    std::string form;
    for (const char byte : text) {
        form.append(byte == '+' ? std::string_view("%2B") : std::string_view(&byte, 1));
    }
    std::string decoded(form.size(), '\0');
    const auto view = decode_form_text(form, decoded);
    return view ? std::optional(std::string(*view)) : std::nullopt;
}

bool is_host_byte(char byte) noexcept {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '.' || byte == '-' || byte == '_';
}

bool is_address_byte(char byte) noexcept {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F') || byte == ':' || byte == '.';
}

Result<ServerName> parse_server(std::string_view text, std::uint16_t default_port) {
    ServerName server;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return Error{"the URL has an address with a \"[\" and without a \"]\""};
        }
        server.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!std::ranges::all_of(server.host, is_address_byte)) {
            return Error{"the URL has brackets around something that is no IPv6 address"};
        }
    } else {
        const auto end = std::min(text.find(':'), text.size());
        server.host = text.substr(0, end);
        rest = text.substr(end);
        if (!std::ranges::all_of(server.host, is_host_byte)) {
            return Error{
                "the URL has a host that is no name and no address; percent-encode a \"@\", \"/\" "
                "or \",\" in a password"};
        }
    }
    if (server.host.empty()) {
        return Error{"the URL lacks a host"};
    }
    server.port = default_port;
    if (!rest.empty()) {
        const auto port = rest.starts_with(':') ? whole_number<std::uint16_t>(rest.substr(1))
                                                : std::optional<std::uint16_t>{};
        if (!port || *port == 0) {
            return Error{"the URL has a port that is not a number from 1 to 65535"};
        }
        server.port = *port;
    }
    return server;
}

// Takes `user[:password]@` off the front. An error's text, or nothing.
std::optional<Error> take_user(std::string_view &rest, StoreLocation &location) {
    const auto at = rest.rfind('@');
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view information = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    if (information.find_first_of("@/") != std::string_view::npos) {
        return Error{"the URL has a \"@\" or \"/\" in its user or password: percent-encode it"};
    }
    const auto colon = std::min(information.find(':'), information.size());
    const auto user = decode_user_information(information.substr(0, colon));
    const auto password =
        decode_user_information(information.substr(std::min(colon + 1, information.size())));
    if (!user || !password) {
        return Error{"the URL has a \"%\" without two hexadecimal digits in its user or password"};
    }
    location.user = *user;
    location.password = *password;
    if (!location.user.empty() && location.password.empty() && colon != information.size()) {
        return Error{"the URL has an empty password"};
    }
    return std::nullopt;
}

// Takes `/database` off the end.
std::optional<Error> take_database(std::string_view &rest, StoreLocation &location) {
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view text = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
    if (text.empty()) {
        return std::nullopt;
    }
    const auto database = whole_number<unsigned>(text);
    if (!database || *database > kMaxDatabase) {
        return Error{"the URL has a database that is not a number from 0 to 16383"};
    }
    location.database = *database;
    return std::nullopt;
}

}  // namespace

std::string text_of(const ServerName &server) {
    const bool is_address = server.host.find(':') != std::string::npos;
    return (is_address ? '[' + server.host + ']' : server.host) + ':' + std::to_string(server.port);
}

Result<StoreLocation> parse_store_location(std::string_view url, std::uint16_t default_port) {
    constexpr std::string_view kPlain = "redis://";
    constexpr std::string_view kTls = "rediss://";
    StoreLocation location;
    location.tls = url.starts_with(kTls);
    if (!location.tls && !url.starts_with(kPlain)) {
        return Error{"the URL begins with neither redis:// nor rediss://"};
    }
    std::string_view rest = url.substr(location.tls ? kTls.size() : kPlain.size());
    if (const auto error = take_user(rest, location)) {
        return *error;
    }
    if (const auto error = take_database(rest, location)) {
        return *error;
    }
    while (true) {
        const auto comma = std::min(rest.find(','), rest.size());
        auto server = parse_server(rest.substr(0, comma), default_port);
        if (!server) {
            return server.error();
        }
        location.servers.push_back(std::move(server).value());
        if (comma == rest.size()) {
            return location;
        }
        if (location.servers.size() == kMaxServers) {
            return Error{"the URL has more than 1024 hosts"};
        }
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace ipfence
