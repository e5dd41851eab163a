#include "engine/address/range_table.hpp"

#include <algorithm>
#include <queue>
#include <tuple>
#include <utility>

namespace ipfence {

namespace {

// The number of addresses in a range less one, as 128 bits.
using Width = std::pair<std::uint64_t, std::uint64_t>;

Width width_of(const AddressRange &range) noexcept {
    const std::uint64_t low = range.last().low() - range.first().low();
    const std::uint64_t borrow = range.last().low() < range.first().low() ? 1 : 0;
    return {range.last().high() - range.first().high() - borrow, low};
}

// A range while the sweep is inside it; the narrowest, then the first given, comes out on top.
struct Open {
    Width width;
    std::uint32_t index;
    friend bool operator<(const Open &a, const Open &b) noexcept {
        return std::tie(a.width, a.index) > std::tie(b.width, b.index);
    }
};

void key_of(Address address, std::uint32_t &key) noexcept {
    key = address.ipv4();
}

template <class Ipv6Key>
void key_of(Address address, Ipv6Key &key) noexcept {
    key = {address.high(), address.low()};
}

// The address after this one; false after the last there is.
bool successor(std::uint32_t &key) noexcept {
    return ++key != 0;
}

template <class Ipv6Key>
bool successor(Ipv6Key &key) noexcept {
    return ++key.low != 0 || ++key.high != 0;
}

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
        Key first;
        Key behind;
        key_of(ranges_[index].first(), first);
        key_of(ranges_[index].last(), behind);
        begins.push_back({first, index});
        cuts.push_back(first);
        if (successor(behind)) {
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
            Key last;
            key_of(ranges_[range.index].last(), last);
            return last < cut;
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
    return address.family() == Address::Family::ipv4
               ? find_in(ipv4_, address.ipv4())
               : find_in(ipv6_, Ipv6Key{address.high(), address.low()});
}

}  // namespace ipfence
