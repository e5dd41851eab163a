#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/address/address_range.hpp"

namespace ipfence {

/// The ranges of one profile, app or proxy list, ready for lookup. Each family's line of addresses
/// is cut at every boundary of every range; a segment names the range that answers for it, or none.
/// A lookup is one branch-free binary search over the boundaries of its own table, so its cost is
/// logarithmic in this table's ranges and independent of every other table.
class RangeTable {
  public:
    /// An empty table: nothing is inside it.
    RangeTable() = default;

    /// Where ranges overlap, the narrowest answers; of equal ones, the first in `ranges`.
    explicit RangeTable(std::span<const AddressRange> ranges);

    /// The range that contains `address`, or null. Valid as long as the table.
    const AddressRange *find(Address address) const noexcept;

    bool contains(Address address) const noexcept { return find(address) != nullptr; }
    bool empty() const noexcept { return ranges_.empty(); }

    /// The ranges as given, in their order.
    std::span<const AddressRange> ranges() const noexcept { return ranges_; }

  private:
    struct Ipv6Key {
        std::uint64_t high;
        std::uint64_t low;
        friend constexpr auto operator<=>(const Ipv6Key &, const Ipv6Key &) = default;
    };

    std::vector<AddressRange> ranges_;
    std::vector<std::uint32_t> ipv4_starts_;
    std::vector<std::uint32_t> ipv4_owners_;
    std::vector<Ipv6Key> ipv6_starts_;
    std::vector<std::uint32_t> ipv6_owners_;
};

}  // namespace ipfence
