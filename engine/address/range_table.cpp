#include "engine/address/range_table.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

namespace ipfence {

namespace {

using Bits = unsigned __int128;

Bits bits_of(Address address) noexcept {
    return Bits{address.high()} << 64 | address.low();
}

// The number of addresses in a range less one.
Bits width_of(const AddressRange &range) noexcept {
    return bits_of(range.last()) - bits_of(range.first());
}

// A range while the sweep is inside it; the narrowest, then the first given, comes out on top.
struct Open {
    Bits width;
    std::uint32_t index;
    friend bool operator<(const Open &a, const Open &b) noexcept {
        return std::tie(a.width, a.index) > std::tie(b.width, b.index);
    }
};

}  // namespace

RangeTable::RangeTable(std::span<const AddressRange> ranges)
    : ranges_(ranges.begin(), ranges.end()) {
    build(ipv4_, Address::Family::ipv4);
    build(ipv6_, Address::Family::ipv6);
}

// A sweep from the lowest address to the highest over the cuts, with the open ranges in a heap. A
// range whose end has passed is dropped only when it comes to the top: until then it changes no
// answer. O(N log N) in time whatever the nesting.
template <class Key>
void RangeTable::build(Segments<Key> &segments, Address::Family family) {
    struct Begin {
        Key first;
        std::uint32_t index;
    };
    std::vector<Begin> begins;
    std::vector<Key> cuts{Key{}};
    for (std::uint32_t index = 0; index < ranges_.size(); ++index) {
        if (ranges_[index].first().family() != family) {
            continue;
        }
        const auto first = static_cast<Key>(bits_of(ranges_[index].first()));
        const auto last = static_cast<Key>(bits_of(ranges_[index].last()));
        begins.push_back({first, index});
        cuts.push_back(first);
        // Behind the highest address there is nothing to cut.
        if (const Key behind = last + 1; behind != 0) {
            cuts.push_back(behind);
        }
    }
    if (begins.empty()) {
        return;
    }
    std::ranges::sort(begins, {}, &Begin::first);
    std::ranges::sort(cuts);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());

    std::priority_queue<Open> open;
    auto next = begins.begin();
    for (const Key &cut : cuts) {
        for (; next != begins.end() && next->first == cut; ++next) {
            open.push({width_of(ranges_[next->index]), next->index});
        }
        const auto has_ended = [&](const Open &range) {
            return static_cast<Key>(bits_of(ranges_[range.index].last())) < cut;
        };
        while (!open.empty() && has_ended(open.top())) {
            open.pop();
        }
        const std::uint32_t owner = open.empty() ? kNoOwner : open.top().index;
        if (segments.owners.empty() || segments.owners.back() != owner) {
            segments.starts.push_back(cut);
            segments.owners.push_back(owner);
        }
    }
}

template <class Key>
const AddressRange *RangeTable::find_in(const Segments<Key> &segments, Key key) const noexcept {
    std::size_t length = segments.starts.size();
    if (length == 0) {
        return nullptr;
    }
    // Invariant: the segment of `key` is one of the `length` from `base` on. The first start is the
    // lowest address, so there always is one.
    const Key *base = segments.starts.data();
    while (length > 1) {
        const std::size_t half = length / 2;
        base += base[half] <= key ? half : 0;
        length -= half;
    }
    const std::uint32_t owner =
        segments.owners[static_cast<std::size_t>(base - segments.starts.data())];
    return owner == kNoOwner ? nullptr : &ranges_[owner];
}

const AddressRange *RangeTable::find(Address address) const noexcept {
    return address.family() == Address::Family::ipv4 ? find_in(ipv4_, address.ipv4())
                                                     : find_in(ipv6_, bits_of(address));
}

}  // namespace ipfence
