#pragma once

#include <maxminddb.h>

#include <optional>

#include "engine/address/address.hpp"

// Where an address is in the search tree of a MaxMind database.

namespace ipfence {

/// The bits of an address as a number: of IPv4 32, of IPv6 128.
using Bits = unsigned __int128;

/// The address of these bits.
Address address_of(Address::Family family, Bits bits) noexcept;

/// The record of an address; nothing where the database has none, or the address is of IPv6 and
/// holds one of IPv4 (C16).
std::optional<MMDB_entry_s> entry_of(const MMDB_s &database, Address address) noexcept;

/// How many addresses follow this one for which the same record answers. The tree of IPv4 is a part
/// of that of IPv6.
Bits rest_of_network(const MMDB_s &database, Address::Family family, Bits bits) noexcept;

}  // namespace ipfence
