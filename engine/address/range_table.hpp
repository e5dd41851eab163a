#pragma once

#include <optional>
#include <span>

#include "engine/address/address_range.hpp"
#include "engine/address/range_set.hpp"
#include "engine/image/image.hpp"

namespace ipfence {

/// A set of ranges with memory of its own.
class RangeTable {
  public:
    /// An empty table: nothing is inside it.
    RangeTable() = default;

    /// Where ranges overlap, the narrowest answers; of equally wide ones, the first in `ranges`.
    explicit RangeTable(std::span<const AddressRange> ranges);

    /// The range that contains `address`.
    std::optional<AddressRange> find(Address address) const noexcept {
        return empty() ? std::nullopt : set().find(address);
    }

    /// A range that shares an address with `range`: of several, one that has the lowest.
    std::optional<AddressRange> find_overlap(const AddressRange &range) const noexcept {
        return empty() ? std::nullopt : set().find_overlap(range);
    }

    bool contains(Address address) const noexcept { return !empty() && set().contains(address); }
    bool empty() const noexcept { return image_.bytes().empty(); }

    /// The ranges as a policy's image has them; only where there are some.
    const RangeSet &set() const noexcept { return image_.begin<RangeSet>(); }

  private:
    Image image_;
};

}  // namespace ipfence
