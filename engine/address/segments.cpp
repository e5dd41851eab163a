#include "engine/address/segments.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

namespace ipfence {

namespace {

// The number of addresses in a range less one.
Ipv6Bits width_of(const AddressRange &range) noexcept {
    return key_of<Ipv6Bits>(range.last()) - key_of<Ipv6Bits>(range.first());
}

// A range while the sweep is inside it; the narrowest, then the first given, comes out on top.
struct Open {
    Ipv6Bits width;
    std::uint32_t index;
    friend bool operator<(const Open &a, const Open &b) noexcept {
        return std::tie(a.width, a.index) > std::tie(b.width, b.index);
    }
};

template <class Key>
struct Begin {
    Key first;
    std::uint32_t index;
};

// Where the ranges of one family begin, and where any of them begins or ends, in order.
template <class Key>
struct Edges {
    std::vector<Begin<Key>> begins;
    std::vector<Key> cuts{Key{}};
};

template <class Key>
Edges<Key> edges_of(std::span<const AddressRange> ranges, Address::Family family) {
    Edges<Key> edges;
    for (std::uint32_t index = 0; index < ranges.size(); ++index) {
        if (ranges[index].first().family() != family) {
            continue;
        }
        const auto first = key_of<Key>(ranges[index].first());
        const auto last = key_of<Key>(ranges[index].last());
        edges.begins.push_back({first, index});
        edges.cuts.push_back(first);
        // Behind the highest address there is nothing to cut.
        if (const Key behind = last + 1; behind != 0) {
            edges.cuts.push_back(behind);
        }
    }
    std::ranges::sort(edges.begins, {}, &Begin<Key>::first);
    std::ranges::sort(edges.cuts);
    edges.cuts.erase(std::unique(edges.cuts.begin(), edges.cuts.end()), edges.cuts.end());
    return edges;
}

// A sweep from the lowest address to the highest over the cuts, with the open ranges in a heap. A
// range whose end has passed is dropped only when it comes to the top: until then it changes no
// answer. O(N log N) in time whatever the nesting.
template <class Key>
Segments<Key> cut(std::span<const AddressRange> ranges, Address::Family family) {
    const Edges<Key> edges = edges_of<Key>(ranges, family);
    if (edges.begins.empty()) {
        return {};
    }
    Segments<Key> segments;
    std::priority_queue<Open> open;
    auto next = edges.begins.begin();
    for (const Key &cut : edges.cuts) {
        for (; next != edges.begins.end() && next->first == cut; ++next) {
            open.push({width_of(ranges[next->index]), next->index});
        }
        const auto has_ended = [&](const Open &range) {
            return key_of<Key>(ranges[range.index].last()) < cut;
        };
        while (!open.empty() && has_ended(open.top())) {
            open.pop();
        }
        const std::uint32_t owner = open.empty() ? Segments<Key>::kNoOwner : open.top().index;
        if (segments.owners.empty() || segments.owners.back() != owner) {
            segments.starts.push_back(cut);
            segments.owners.push_back(owner);
        }
    }
    return segments;
}

}  // namespace

Segments<Ipv4Bits> cut_ipv4(std::span<const AddressRange> ranges) {
    return cut<Ipv4Bits>(ranges, Address::Family::ipv4);
}

Segments<Ipv6Bits> cut_ipv6(std::span<const AddressRange> ranges) {
    return cut<Ipv6Bits>(ranges, Address::Family::ipv6);
}

}  // namespace ipfence
