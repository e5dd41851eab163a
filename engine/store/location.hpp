#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"

namespace ipfence {

/// One server of the store: a host name or an address, and its port.
struct ServerName {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const ServerName &, const ServerName &) = default;
};

/// A server as a person writes it: `host:port`, an IPv6 address in brackets.
std::string text_of(const ServerName &server);

/// What the URL of `ipfence_store` says.
struct StoreLocation {
    static constexpr std::uint16_t kRedisPort = 6379;
    static constexpr std::uint16_t kSentinelPort = 26379;

    bool tls = false;
    std::string user;                 ///< empty: Redis's default user
    std::string password;             ///< empty: none is sent
    std::vector<ServerName> servers;  ///< at least one, in the order in which they are tried
    unsigned database = 0;
};

/// Reads `redis://[user[:password]@]host[:port][,host[:port]...][/database]` or `rediss://...`.
/// User and password may be percent-encoded; `:password@` alone is the default user's. A host
/// without a port has `default_port`. The error never shows the text, which may have a password.
Result<StoreLocation> parse_store_location(std::string_view url,
                                           std::uint16_t default_port = StoreLocation::kRedisPort);

}  // namespace ipfence
