#include "engine/comparison/address_cover.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace ipfence {

namespace {

using Family = Address::Family;

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();

Address first_of(Family family) noexcept {
    return family == Family::ipv4 ? Address::from_ipv4(0) : Address::from_ipv6(0, 0);
}

Address last_of(Family family) noexcept {
    return family == Family::ipv4 ? Address::from_ipv4(std::numeric_limits<std::uint32_t>::max())
                                  : Address::from_ipv6(kAllOnes, kAllOnes);
}

// The address before one that is not its family's first. IPv4-mapped addresses are not IPv6, so
// the range from ::1:0:0:0 down to ::fffe:ffff:ffff has none between.
Address before(Address address) noexcept {
    if (address.family() == Family::ipv4) {
        return Address::from_ipv4(address.ipv4() - 1);
    }
    constexpr std::uint64_t kBehindMapped = std::uint64_t{0x10000} << 32;
    constexpr std::uint64_t kLastBeforeMapped = (std::uint64_t{0xffff} << 32) - 1;
    if (address.high() == 0 && address.low() == kBehindMapped) {
        return Address::from_ipv6(0, kLastBeforeMapped);
    }
    return Address::from_ipv6(address.low() == 0 ? address.high() - 1 : address.high(),
                              address.low() - 1);
}

// Covers, gone through side by side from the first address of a family to its last.
class Sweep {
  public:
    Sweep(std::span<const AddressCover *const> covers, Family family) : family_(family) {
        for (std::size_t number = 0; number < covers.size(); ++number) {
            for (const Address edge : *covers[number]) {
                if (edge.family() == family) {
                    edges_.emplace_back(edge, Membership{1} << number);
                }
            }
        }
        std::ranges::sort(edges_);
    }

    template <class Visit>
    void go(Visit visit) const {
        Address first = first_of(family_);
        Membership membership = 0;
        for (const auto &[edge, cover] : edges_) {
            if (edge != first) {
                visit(membership, shortest_range(first, before(edge)));
                first = edge;
            }
            membership ^= cover;
        }
        visit(membership, shortest_range(first, last_of(family_)));
    }

  private:
    Family family_;
    std::vector<std::pair<Address, Membership>> edges_;
};

bool touches(const AddressRange &range, const AddressRange &next) noexcept {
    return range.first().family() == next.first().family() &&
           (next.first() <= range.last() || before(next.first()) == range.last());
}

}  // namespace

AddressCover cover_of(const RangeSet &ranges) {
    std::vector<Address> starts;
    ranges.add_starts(starts);
    std::ranges::sort(starts);
    AddressCover cover;
    std::optional<Family> family;
    bool inside = false;
    for (const Address start : starts) {
        inside = inside && start.family() == family;
        family = start.family();
        if (ranges.contains(start) != inside) {
            inside = !inside;
            cover.push_back(start);
        }
    }
    return cover;
}

AddressCover united(std::span<const AddressCover *const> covers) {
    std::vector<std::pair<Address, int>> edges;  // each with what it adds to the depth
    for (const AddressCover *cover : covers) {
        std::optional<Family> family;
        int step = 1;
        for (const Address edge : *cover) {
            step = edge.family() == family ? -step : 1;
            family = edge.family();
            edges.emplace_back(edge, step);
        }
    }
    std::ranges::sort(edges);
    AddressCover result;
    std::optional<Family> family;
    int depth = 0;
    for (std::size_t index = 0; index < edges.size();) {
        const Address edge = edges[index].first;
        depth = edge.family() == family ? depth : 0;
        family = edge.family();
        const bool was_inside = depth > 0;
        for (; index < edges.size() && edges[index].first == edge; ++index) {
            depth += edges[index].second;
        }
        if ((depth > 0) != was_inside) {
            result.push_back(edge);
        }
    }
    return result;
}

std::map<Membership, std::vector<AddressRange>> intervals_of(
    std::span<const AddressCover *const> covers) {
    std::map<Membership, std::vector<AddressRange>> intervals;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        Sweep(covers, family).go([&intervals](Membership membership, const AddressRange &range) {
            intervals[membership].push_back(range);
        });
    }
    return intervals;
}

AddressRange shortest_range(Address first, Address last) {
    using Notation = AddressRange::Notation;
    for (const Notation notation : {Notation::address, Notation::block}) {
        if (const auto range = AddressRange::of(first, last, notation)) {
            return *range;
        }
    }
    return AddressRange::of(first, last, Notation::span).value();
}

std::vector<AddressRange> joined(std::vector<AddressRange> ranges) {
    std::ranges::sort(ranges, {}, &AddressRange::first);
    std::vector<AddressRange> result;
    for (const AddressRange &range : ranges) {
        if (!result.empty() && touches(result.back(), range)) {
            result.back() =
                shortest_range(result.back().first(), std::max(result.back().last(), range.last()));
        } else {
            result.push_back(range);
        }
    }
    return result;
}

}  // namespace ipfence
