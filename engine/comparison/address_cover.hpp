#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/address/range_set.hpp"

namespace ipfence {

/// Which addresses a set of ranges covers, whatever ranges it is written in: ascending, the
/// addresses at which inside and outside change, of which each family's first begins an inside.
/// Sets that cover the same addresses have equal ones.
using AddressCover = std::vector<Address>;

/// The addresses that a set of ranges covers.
AddressCover cover_of(const RangeSet &ranges);

/// The addresses that any of these covers.
AddressCover united(std::span<const AddressCover *const> covers);

/// The addresses that lie in exactly those of some covers whose bits are set: bit n is cover n's.
using Membership = std::uint32_t;

/// All addresses, by the covers that they lie in. The intervals of one membership ascend, and none
/// touches the next.
std::map<Membership, std::vector<AddressRange>> intervals_of(
    std::span<const AddressCover *const> covers);

/// The range from `first` to `last`, in the shortest notation that it has.
AddressRange shortest_range(Address first, Address last);

/// The same addresses in as few ranges as there can be; `ranges` may be in any order.
std::vector<AddressRange> joined(std::vector<AddressRange> ranges);

}  // namespace ipfence
