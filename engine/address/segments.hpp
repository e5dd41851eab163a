#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/address/address_range.hpp"

namespace ipfence {

/// Ranges of one family, made disjoint.
///
/// The line of addresses is cut at every address where the answer may change: where a range begins,
/// and behind where one ends. Between two neighbouring cuts the set of ranges that contain an
/// address is constant, so one owner, the narrowest of them or none, answers for the whole segment.
/// `starts` holds the segments' first addresses in ascending order and begins with the lowest
/// address there is, so every address lies in exactly one segment: the last one whose start is not
/// above it. N ranges make at most 2N + 1 segments; neighbours with the same owner are one.
template <class Key>
struct Segments {
    static constexpr std::uint32_t kNoOwner = UINT32_MAX;

    std::vector<Key> starts;            ///< empty when the family has no range
    std::vector<std::uint32_t> owners;  ///< index into the ranges, or kNoOwner
};

using Ipv4Bits = std::uint32_t;
using Ipv6PrefixBits = std::uint64_t;  ///< the first 64 of an IPv6 address
using Ipv6Bits = unsigned __int128;

/// What an address is compared by: all its bits, or the first 64 of IPv6. The key is of its family.
template <class Key>
constexpr Key key_of(Address address) noexcept {
    if constexpr (sizeof(Key) == sizeof(Ipv4Bits)) {
        return address.ipv4();
    } else if constexpr (sizeof(Key) == sizeof(Ipv6PrefixBits)) {
        return address.high();
    } else {
        return Ipv6Bits{address.high()} << 64 | address.low();
    }
}

/// Cuts the IPv4 ranges among `ranges`. Of ranges that overlap the narrowest owns; of equally wide
/// ones, the first.
Segments<Ipv4Bits> cut_ipv4(std::span<const AddressRange> ranges);

/// The same for the IPv6 ranges.
Segments<Ipv6Bits> cut_ipv6(std::span<const AddressRange> ranges);

}  // namespace ipfence
