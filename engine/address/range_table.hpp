#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/address/address_range.hpp"

namespace ipfence {

/// The ranges of one profile, app or proxy list, ready for lookup.
///
/// The line of addresses of each family is cut at every address where the answer may change: where
/// a range begins, and behind where one ends. Between two neighbouring cuts the set of ranges that
/// contain an address is constant, so one owner, the narrowest of them or none, answers for the
/// whole segment. `starts` holds the segments' first addresses in ascending order and begins with
/// the lowest address there is, so every address lies in exactly one segment: the last one whose
/// start is not above it. N ranges make at most 2N + 1 segments; neighbours with the same owner are
/// one.
///
/// A lookup is a binary search over `starts` without a branch that depends on the key. Its cost is
/// logarithmic in this table's ranges, and no other table matters.
class RangeTable {
  public:
    /// An empty table: nothing is inside it.
    RangeTable() = default;

    /// Where ranges overlap, the narrowest answers; of equally wide ones, the first in `ranges`.
    explicit RangeTable(std::span<const AddressRange> ranges);

    /// The range that contains `address`, or null. Valid as long as the table is not moved or
    /// destroyed.
    const AddressRange *find(Address address) const noexcept;

    bool contains(Address address) const noexcept { return find(address) != nullptr; }
    bool empty() const noexcept { return ranges_.empty(); }

    /// The ranges as given, in their order.
    std::span<const AddressRange> ranges() const noexcept { return ranges_; }

  private:
    /// An IPv6 address as the search compares it: both halves at once, without a branch between
    /// them.
    using Ipv6Bits = unsigned __int128;

    /// The segments of one family; empty when the family has no range.
    template <class Key>
    struct Segments {
        std::vector<Key> starts;
        std::vector<std::uint32_t> owners;  ///< index into ranges_, or kNoOwner
    };

    static constexpr std::uint32_t kNoOwner = UINT32_MAX;

    template <class Key>
    void build(Segments<Key> &segments, Address::Family family);

    template <class Key>
    const AddressRange *find_in(const Segments<Key> &segments, Key key) const noexcept;

    std::vector<AddressRange> ranges_;
    Segments<std::uint32_t> ipv4_;
    Segments<Ipv6Bits> ipv6_;
};

}  // namespace ipfence
