#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/nginx.hpp"

namespace ipfence::module {

/// Where a Redis node, or a Sentinel, listens.
struct StoreEndpoint {
    std::string host;  ///< as it was written: for TLS, and for messages
    std::uint16_t port = 0;
    sockaddr_storage address{};
    socklen_t size = 0;

    /// "host:port", for messages.
    std::string name() const;

    friend bool operator==(const StoreEndpoint &one, const StoreEndpoint &other) noexcept {
        return one.port == other.port && one.host == other.host;
    }
};

/// The endpoints of a host that the configuration names: one for each address that the system's
/// resolver has for it. Blocks, so for the reading of a configuration only. Empty, and logged, when
/// there is none.
std::vector<StoreEndpoint> resolve_endpoint(ngx_conf_t *cf, const std::string &host,
                                            std::uint16_t port);

/// The endpoint of a host that a server named at run time: an address, since a name cannot be
/// looked up without blocking. Empty for a name.
std::optional<StoreEndpoint> endpoint_of_address(const std::string &host, std::uint16_t port);

}  // namespace ipfence::module
