#include "engine/address/range_set.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace ipfence {

namespace {

constexpr unsigned kPrefixShift = 64;
constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();

Address lowest(Ipv4Bits key) noexcept {
    return Address::from_ipv4(key);
}
Address highest(Ipv4Bits key) noexcept {
    return Address::from_ipv4(key);
}
Address lowest(Ipv6PrefixBits key) noexcept {
    return Address::from_ipv6(key, 0);
}
Address highest(Ipv6PrefixBits key) noexcept {
    return Address::from_ipv6(key, kAllOnes);
}
Address lowest(Ipv6Bits key) noexcept {
    return Address::from_ipv6(static_cast<std::uint64_t>(key >> kPrefixShift),
                              static_cast<std::uint64_t>(key));
}
Address highest(Ipv6Bits key) noexcept {
    return lowest(key);
}

// What follows a range that ends before the IPv4-mapped addresses begins, as bits, with these; its
// first IPv6 address is the one behind them.
Address first_ipv6(Address first) noexcept {
    constexpr std::uint64_t kBehindMapped = std::uint64_t{0x10000} << 32;
    return first.family() == Address::Family::ipv4 ? Address::from_ipv6(0, kBehindMapped) : first;
}
Address first_in_family(Ipv4Bits key) noexcept {
    return lowest(key);
}
Address first_in_family(Ipv6PrefixBits key) noexcept {
    return first_ipv6(lowest(key));
}
Address first_in_family(Ipv6Bits key) noexcept {
    return first_ipv6(lowest(key));
}

// Whether all IPv6 ranges consist of whole /64 blocks, the smallest that a link is given.
bool are_prefixes(std::span<const AddressRange> ranges) noexcept {
    return std::ranges::all_of(ranges, [](const AddressRange &range) {
        return range.first().family() == Address::Family::ipv4 ||
               (range.first().low() == 0 && range.last().low() == kAllOnes);
    });
}

Segments<Ipv6PrefixBits> prefixes_of(const Segments<Ipv6Bits> &segments) {
    Segments<Ipv6PrefixBits> prefixes;
    prefixes.starts.reserve(segments.starts.size());
    for (const Ipv6Bits start : segments.starts) {
        prefixes.starts.push_back(static_cast<Ipv6PrefixBits>(start >> kPrefixShift));
    }
    prefixes.owners = segments.owners;
    return prefixes;
}

}  // namespace

// Inline, with what follows: of most decisions the rule is a range, whose text is asked for.
template <class Key>
[[gnu::always_inline]] inline std::optional<AddressRange> FamilyRanges<Key>::range_of(
    std::uint32_t segment) const noexcept {
    const Coverage coverage = tree_.coverage(segment);
    return coverage == Coverage::listed ? listed(segment) : whole(segment, coverage);
}

// What lies between two covered segments is one segment, so this ends at the second.
template <class Key>
std::optional<AddressRange> FamilyRanges<Key>::find_overlap(Key first, Key last) const noexcept {
    if (empty()) {
        return std::nullopt;
    }
    const std::size_t last_segment = tree_.find(last);
    for (std::size_t segment = tree_.find(first); segment <= last_segment; ++segment) {
        if (tree_.coverage(segment) != Coverage::none) {
            return range_of(static_cast<std::uint32_t>(segment));
        }
    }
    return std::nullopt;
}

template <class Key>
[[gnu::always_inline]] inline std::optional<AddressRange> FamilyRanges<Key>::whole(
    std::size_t segment, Coverage coverage) const noexcept {
    const Address first = lowest(tree_.start(segment));
    const Address last = highest(tree_.last(segment));
    const Notation of_whole = first == last ? Notation::address : Notation::block;
    return AddressRange::of(first, last, coverage == Coverage::span ? Notation::span : of_whole);
}

template <class Key>
std::optional<AddressRange> FamilyRanges<Key>::Bounds::range() const noexcept {
    return AddressRange::of(lowest(first), highest(last), static_cast<Notation>(notation));
}

template <class Key>
[[gnu::noinline]] std::optional<AddressRange> FamilyRanges<Key>::listed(
    std::uint32_t segment) const noexcept {
    const Parts &parts = *parts_.get();
    const auto segments = parts.segments.view();
    const auto found = std::ranges::lower_bound(segments, segment);
    const std::uint32_t owner =
        parts.owners.view()[static_cast<std::size_t>(found - segments.begin())];
    return parts.ranges.view()[owner].range();
}

template <class Key>
bool FamilyRanges<Key>::is_sound(const ImageBounds &bounds) const noexcept {
    return tree_.is_sound(bounds) && parts_are_sound(bounds) && segments_are_sound();
}

// Every segment must be what it says: a block, a span, or a part of a range.
template <class Key>
bool FamilyRanges<Key>::segments_are_sound() const noexcept {
    for (std::size_t segment = 0; segment < tree_.size(); ++segment) {
        const Coverage coverage = tree_.coverage(segment);
        if ((coverage == Coverage::whole || coverage == Coverage::span) &&
            !whole(segment, coverage)) {
            return false;
        }
    }
    return parts_.is_null() ||
           std::ranges::all_of(parts_.get()->ranges.view(),
                               [](const Bounds &bounds) { return bounds.range().has_value(); });
}

// The listed segments must be exactly those that the tree says are listed.
template <class Key>
bool FamilyRanges<Key>::parts_are_sound(const ImageBounds &bounds) const noexcept {
    if (!parts_.is_null() &&
        (!parts_.lies_in(bounds, 1) || !parts_.get()->segments.lies_in(bounds) ||
         !parts_.get()->owners.lies_in(bounds) || !parts_.get()->ranges.lies_in(bounds) ||
         parts_.get()->owners.size() != parts_.get()->segments.size())) {
        return false;
    }
    const auto segments =
        parts_.is_null() ? std::span<const std::uint32_t>{} : parts_.get()->segments.view();
    std::size_t part = 0;
    for (std::size_t segment = 0; segment < tree_.size(); ++segment) {
        if (tree_.coverage(segment) != Coverage::listed) {
            continue;
        }
        if (part == segments.size() || segments[part] != segment ||
            parts_.get()->owners.view()[part] >= parts_.get()->ranges.size()) {
            return false;
        }
        ++part;
    }
    return part == segments.size();
}

template <class Key>
Coverage FamilyRanges<Key>::coverage_of(Key first, Key last, const AddressRange &range) noexcept {
    if (lowest(first) != range.first() || highest(last) != range.last()) {
        return Coverage::listed;
    }
    switch (range.notation()) {
        case Notation::address:
            return Coverage::whole;
        case Notation::block:
            // A block of one address is not what `whole` makes of one address.
            return range.first() == range.last() ? Coverage::listed : Coverage::whole;
        case Notation::span:
            return Coverage::span;
    }
    return Coverage::listed;
}

// Sorts the segments by what covers them, and names the ranges of those that are listed.
template <class Key>
typename FamilyRanges<Key>::Layout FamilyRanges<Key>::layout_of(
    const Segments<Key> &segments, std::span<const AddressRange> ranges) {
    constexpr std::uint32_t kUnlisted = UINT32_MAX;
    Layout layout;
    std::vector<std::uint32_t> numbers(segments.starts.empty() ? 0 : ranges.size(), kUnlisted);
    layout.coverages.reserve(segments.starts.size());
    for (std::size_t segment = 0; segment < segments.starts.size(); ++segment) {
        const std::uint32_t owner = segments.owners[segment];
        if (owner == Segments<Key>::kNoOwner) {
            layout.coverages.push_back(Coverage::none);
            continue;
        }
        const bool is_last = segment + 1 == segments.starts.size();
        const Key last = is_last ? ~Key{} : segments.starts[segment + 1] - 1;
        const AddressRange &range = ranges[owner];
        layout.coverages.push_back(coverage_of(segments.starts[segment], last, range));
        if (layout.coverages.back() != Coverage::listed) {
            continue;
        }
        if (numbers[owner] == kUnlisted) {
            numbers[owner] = static_cast<std::uint32_t>(layout.ranges.size());
            layout.ranges.push_back({key_of<Key>(range.first()), key_of<Key>(range.last()),
                                     static_cast<Key>(range.notation())});
        }
        layout.listed.push_back(static_cast<std::uint32_t>(segment));
        layout.owners.push_back(numbers[owner]);
    }
    return layout;
}

template <class Key>
void FamilyRanges<Key>::lay_out(ImageWriter &image, ImageWriter::Place<FamilyRanges> family,
                                const Segments<Key> &segments,
                                std::span<const AddressRange> ranges) {
    const Layout layout = layout_of(segments, ranges);
    SegmentTree<Key>::lay_out(image, image.place_of(image.at(family).tree_),
                              std::span<const Key>(segments.starts), layout.coverages);
    if (layout.listed.empty()) {
        return;
    }
    const auto parts = image.add<Parts>();
    image.point(image.at(family).parts_, parts);
    const auto listed = image.add_copy(std::span<const std::uint32_t>(layout.listed));
    image.set(image.at(parts).segments, listed, layout.listed.size());
    const auto owners = image.add_copy(std::span<const std::uint32_t>(layout.owners));
    image.set(image.at(parts).owners, owners, layout.owners.size());
    const auto bounds = image.add_copy(std::span<const Bounds>(layout.ranges));
    image.set(image.at(parts).ranges, bounds, layout.ranges.size());
}

std::optional<AddressRange> RangeSet::range_of(std::uint32_t segment,
                                               Address::Family family) const noexcept {
    if (family == Address::Family::ipv4) {
        return ipv4_.range_of(segment);
    }
    return ipv6_.is_null() ? ipv6_prefixes_.range_of(segment) : ipv6_.get()->range_of(segment);
}

std::optional<AddressRange> RangeSet::find_overlap(const AddressRange &range) const noexcept {
    return of_family(range.first(), [&range](const auto &family, auto first) {
        return family.find_overlap(first, key_of<decltype(first)>(range.last()));
    });
}

template <class Key>
void FamilyRanges<Key>::add_starts(std::vector<Address> &starts) const {
    for (std::size_t segment = 0; segment < tree_.size(); ++segment) {
        starts.push_back(first_in_family(tree_.start(segment)));
    }
}

void RangeSet::add_starts(std::vector<Address> &starts) const {
    ipv4_.add_starts(starts);
    ipv6_prefixes_.add_starts(starts);
    if (!ipv6_.is_null()) {
        ipv6_.get()->add_starts(starts);
    }
}

bool RangeSet::is_sound(const ImageBounds &bounds) const noexcept {
    return ipv4_.is_sound(bounds) && ipv6_prefixes_.is_sound(bounds) &&
           (ipv6_.is_null() || (ipv6_.lies_in(bounds, 1) && ipv6_.get()->is_sound(bounds)));
}

void RangeSet::lay_out(ImageWriter &image, ImageWriter::Place<RangeSet> set,
                       std::span<const AddressRange> ranges) {
    FamilyRanges<Ipv4Bits>::lay_out(image, image.place_of(image.at(set).ipv4_), cut_ipv4(ranges),
                                    ranges);
    const Segments<Ipv6Bits> ipv6 = cut_ipv6(ranges);
    if (are_prefixes(ranges)) {
        FamilyRanges<Ipv6PrefixBits>::lay_out(image, image.place_of(image.at(set).ipv6_prefixes_),
                                              prefixes_of(ipv6), ranges);
    } else {
        const auto whole = image.add<FamilyRanges<Ipv6Bits>>();
        image.point(image.at(set).ipv6_, whole);
        FamilyRanges<Ipv6Bits>::lay_out(image, whole, ipv6, ranges);
    }
}

}  // namespace ipfence
