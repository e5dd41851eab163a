#pragma once

#include <string>
#include <string_view>

namespace ipfence {

/// Where a `proxy_pass` or one of its kind leads, before anybody looks for an upstream of that
/// name.
struct PassAddress {
    std::string_view host;  ///< with its port: `provider`, `127.0.0.1:3000`, `unix:/run/p.sock`
    unsigned default_port;
};

/// The argument of a pass without the URI that may follow the host; it may hold variables.
std::string_view without_uri(std::string_view argument) noexcept;

/// Takes the argument apart; it holds no variables. `directive` says which port is implied.
PassAddress parse_pass(std::string_view directive, std::string_view argument);

/// Where connections to `host` arrive, spelled so that two spellings of one place are equal: names
/// in lower case, addresses canonical, everything that means this machine (127.0.0.0/8, ::1,
/// localhost, the unspecified address) the same. Names are not resolved.
std::string destination_of(std::string_view host, unsigned default_port);

/// What tells the listener that a `listen` with this argument means from others: `*:443`.
std::string listener_key(std::string_view argument);

/// Whether a `listen` with this argument is for this machine only.
bool is_local_listener(std::string_view argument);

}  // namespace ipfence
