#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/address/segment_tree.hpp"
#include "engine/address/segments.hpp"
#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"

namespace ipfence {

/// The ranges of one family in an image. `Key` is what their addresses are compared by: all 32 or
/// 128 bits, or the first 64 of IPv6 where no range is narrower than a /64.
template <class Key>
class FamilyRanges {
  public:
    static constexpr std::uint32_t kNoSegment = UINT32_MAX;  ///< more than a tree may have

    bool empty() const noexcept { return tree_.empty(); }
    /// A lookup at its beginning; `go_down`, `fetch` and `end` are as a SegmentTree's.
    TreeSearch begin(Key key) const noexcept { return empty() ? TreeSearch{} : tree_.begin(key); }
    void go_down(Key key, TreeSearch &search) const noexcept { tree_.go_down(key, search); }
    void fetch(const TreeSearch &search) const noexcept {
        if (!empty()) {
            tree_.fetch(search);
        }
    }

    /// The segment of the range that contains `key`, or kNoSegment, from where the search is.
    std::uint32_t end(Key key, const TreeSearch &search) const noexcept {
        if (empty()) {
            return kNoSegment;
        }
        const auto found = tree_.end(key, search);
        return found.coverage == Coverage::none ? kNoSegment
                                                : static_cast<std::uint32_t>(found.segment);
    }

    /// The range that a segment is of; `end` found it.
    std::optional<AddressRange> range_of(std::uint32_t segment) const noexcept;
    std::optional<AddressRange> find_overlap(Key first, Key last) const noexcept;
    void add_starts(std::vector<Address> &starts) const;
    bool is_sound(const ImageBounds &bounds) const noexcept;

    using Identity = std::pair<typename SegmentTree<Key>::Identity, std::uintptr_t>;
    Identity identity() const noexcept { return {tree_.identity(), parts_.identity()}; }

    static void lay_out(ImageWriter &image, ImageWriter::Place<FamilyRanges> family,
                        const Segments<Key> &segments, std::span<const AddressRange> ranges);
    static void share(ImageWriter &image, const FamilyRanges &family,
                      FamilyRanges &other) noexcept {
        SegmentTree<Key>::share(image, family.tree_, other.tree_);
        image.share(family.parts_, other.parts_);
    }

  private:
    using Notation = AddressRange::Notation;

    struct Bounds {
        Key first;
        Key last;
        Key notation;  ///< as wide as the others, so that no byte of the image is undefined

        std::optional<AddressRange> range() const noexcept;
    };

    // The segments that are parts of ranges: ascending, and beside each the index of its range.
    struct Parts {
        ImageList<std::uint32_t> segments;
        ImageList<std::uint32_t> owners;
        ImageList<Bounds> ranges;
    };

    // What is laid out in an image: of each segment what covers it, and then the Parts.
    struct Layout {
        std::vector<Coverage> coverages;
        std::vector<std::uint32_t> listed;
        std::vector<std::uint32_t> owners;
        std::vector<Bounds> ranges;
    };

    std::optional<AddressRange> whole(std::size_t segment, Coverage coverage) const noexcept;
    std::optional<AddressRange> listed(std::uint32_t segment) const noexcept;
    bool segments_are_sound() const noexcept;
    bool parts_are_sound(const ImageBounds &bounds) const noexcept;
    static Layout layout_of(const Segments<Key> &segments, std::span<const AddressRange> ranges);
    static Coverage coverage_of(Key first, Key last, const AddressRange &range) noexcept;

    SegmentTree<Key> tree_;
    RelativePointer<Parts> parts_;
};

class RangeSet;

/// Where in a set an address was found; nothing when it is in none of its ranges. Which range that
/// is, is worked out when it is asked for. It lives as long as the set.
class RangeMatch {
  public:
    RangeMatch() = default;

    explicit operator bool() const noexcept { return set_ != nullptr; }

    /// The range that contains the address: where several do, the narrowest; of equally wide ones,
    /// the first that was given.
    std::optional<AddressRange> range() const noexcept;

  private:
    friend RangeSet;
    RangeMatch(const RangeSet &set, std::uint32_t segment, Address::Family family) noexcept
        : set_(&set), family_(family), segment_(segment) {}

    const RangeSet *set_ = nullptr;
    Address::Family family_ = Address::Family::ipv4;
    std::uint32_t segment_ = 0;
};

/// Ranges in an image, ready for lookup. Its cost is logarithmic in this set's ranges, to a base so
/// large that it is one or two cache misses at any size; no other set matters.
class RangeSet {
  public:
    /// Where `address` is.
    RangeMatch match(Address address) const noexcept;

    /// The range that contains `address`, as RangeMatch says.
    std::optional<AddressRange> find(Address address) const noexcept {
        return match(address).range();
    }

    bool contains(Address address) const noexcept { return static_cast<bool>(match(address)); }

    /// The same in stages, for those who make many lookups: they begin all of them, then take each
    /// one level down as long as there is one, and end them. Every stage fetches what the next one
    /// reads, so the cache misses of all lookups in one stage overlap.
    TreeSearch begin(Address address) const noexcept;
    void go_down(Address address, TreeSearch &search) const noexcept;
    RangeMatch end(Address address, const TreeSearch &search) const noexcept;

    /// A range that shares an address with `range`: of several, one that has the lowest.
    std::optional<AddressRange> find_overlap(const AddressRange &range) const noexcept;

    /// Adds the first address of each segment to `starts`: between two that follow one another in a
    /// family, and before the first and behind the last, all addresses are inside or all outside.
    void add_starts(std::vector<Address> &starts) const;

    /// Whether there is no range in it at all.
    bool empty() const noexcept {
        return ipv4_.empty() && ipv6_prefixes_.empty() && ipv6_.is_null();
    }

    /// Whether every lookup stays within the image.
    bool is_sound(const ImageBounds &bounds) const noexcept;

    /// What tells sets of an image apart: those of one identity share their ranges, so that all are
    /// sound or none is.
    using Identity = std::tuple<FamilyRanges<Ipv4Bits>::Identity,
                                FamilyRanges<Ipv6PrefixBits>::Identity, std::uintptr_t>;
    Identity identity() const noexcept {
        return {ipv4_.identity(), ipv6_prefixes_.identity(), ipv6_.identity()};
    }

    /// Lays out a set, which lies in the image at `set`.
    static void lay_out(ImageWriter &image, ImageWriter::Place<RangeSet> set,
                        std::span<const AddressRange> ranges);

    /// Lets another set, which lies in the same image and is empty, consist of the same ranges.
    static void share(ImageWriter &image, const RangeSet &set, RangeSet &other) noexcept {
        FamilyRanges<Ipv4Bits>::share(image, set.ipv4_, other.ipv4_);
        FamilyRanges<Ipv6PrefixBits>::share(image, set.ipv6_prefixes_, other.ipv6_prefixes_);
        image.share(set.ipv6_, other.ipv6_);
    }

  private:
    friend RangeMatch;

    // What `use` makes of the ranges of an address's family and of its key among them.
    template <class Use>
    auto of_family(Address address, Use use) const noexcept {
        if (address.family() == Address::Family::ipv4) {
            return use(ipv4_, address.ipv4());
        }
        return ipv6_.is_null() ? use(ipv6_prefixes_, address.high())
                               : use(*ipv6_.get(), key_of<Ipv6Bits>(address));
    }

    RangeMatch match_of(Address address, std::uint32_t segment) const noexcept {
        return segment == FamilyRanges<Ipv4Bits>::kNoSegment
                   ? RangeMatch{}
                   : RangeMatch{*this, segment, address.family()};
    }

    std::optional<AddressRange> range_of(std::uint32_t segment,
                                         Address::Family family) const noexcept;

    FamilyRanges<Ipv4Bits> ipv4_;
    // IPv6 is in one of these two: what is narrower than a /64 is one more cache miss away.
    FamilyRanges<Ipv6PrefixBits> ipv6_prefixes_;
    RelativePointer<FamilyRanges<Ipv6Bits>> ipv6_;
};

inline TreeSearch RangeSet::begin(Address address) const noexcept {
    return of_family(address, [](const auto &family, auto key) {
        const TreeSearch search = family.begin(key);
        family.fetch(search);
        return search;
    });
}

inline void RangeSet::go_down(Address address, TreeSearch &search) const noexcept {
    of_family(address, [&search](const auto &family, auto key) {
        family.go_down(key, search);
        family.fetch(search);
    });
}

inline RangeMatch RangeSet::end(Address address, const TreeSearch &search) const noexcept {
    return match_of(address, of_family(address, [&search](const auto &family, auto key) {
                        return family.end(key, search);
                    }));
}

inline RangeMatch RangeSet::match(Address address) const noexcept {
    return match_of(address, of_family(address, [](const auto &family, auto key) {
                        return family.end(key, family.begin(key));
                    }));
}

inline std::optional<AddressRange> RangeMatch::range() const noexcept {
    return set_ == nullptr ? std::nullopt : set_->range_of(segment_, family_);
}

}  // namespace ipfence
