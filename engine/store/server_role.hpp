#pragma once

#include <cstdint>
#include <optional>

#include "engine/store/location.hpp"
#include "engine/store/reply.hpp"

namespace ipfence {

/// What a server is among its like. Only a master is written to and believed.
enum class ServerRole : std::uint8_t { master, replica, sentinel };

/// Reads the answer to ROLE. Empty for anything else.
std::optional<ServerRole> parse_role(const Reply &reply);

/// Reads a Sentinel's answer to who the master is. Empty when it does not know, or says something
/// else.
std::optional<ServerName> parse_sentinel_master(const Reply &reply);

/// Whether an error says that this connection is of no use until the server or its role changes:
/// LOADING, READONLY, MASTERDOWN, CLUSTERDOWN, NOAUTH, WRONGPASS, NOPERM and the like.
bool is_unusable_server(const Reply &reply) noexcept;

}  // namespace ipfence
