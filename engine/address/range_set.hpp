#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
    bool empty() const noexcept { return tree_.empty(); }
    bool contains(Key key) const noexcept {
        return !empty() && tree_.coverage(tree_.find(key)) != Coverage::none;
    }
    std::optional<AddressRange> find(Key key) const noexcept;
    std::optional<AddressRange> find_overlap(Key first, Key last) const noexcept;
    void fetch_root() const noexcept { tree_.fetch_root(); }
    void fetch_leaf(Key key) const noexcept { tree_.fetch_leaf(key); }
    void add_starts(std::vector<Address> &starts) const;
    bool is_sound(const ImageBounds &bounds) const noexcept;

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

    std::optional<AddressRange> whole(std::size_t segment, Coverage coverage) const noexcept;
    std::optional<AddressRange> listed(std::uint32_t segment) const noexcept;
    bool segments_are_sound() const noexcept;
    bool parts_are_sound(const ImageBounds &bounds) const noexcept;
    static Coverage coverage_of(Key first, Key last, const AddressRange &range) noexcept;

    SegmentTree<Key> tree_;
    RelativePointer<Parts> parts_;
};

/// Ranges in an image, ready for lookup. Its cost is logarithmic in this set's ranges, to a base so
/// large that it is one or two cache misses at any size; no other set matters.
class RangeSet {
  public:
    /// The range that contains `address`: where several do, the narrowest; of equally wide ones,
    /// the first that was given.
    std::optional<AddressRange> find(Address address) const noexcept;

    bool contains(Address address) const noexcept;

    /// Fetches what `find` reads into the cache, for those who make many lookups: `fetch_root` for
    /// each, then `fetch_leaf` for each.
    void fetch_root(Address address) const noexcept;
    void fetch_leaf(Address address) const noexcept;

    /// A range that shares an address with `range`: of several, one that has the lowest.
    std::optional<AddressRange> find_overlap(const AddressRange &range) const noexcept;

    /// Adds the first address of each segment to `starts`: between two that follow one another in a
    /// family, and before the first and behind the last, all addresses are inside or all outside.
    void add_starts(std::vector<Address> &starts) const;

    /// Whether there is no range in it at all.
    bool empty() const noexcept { return ipv4_.empty() && ipv6_prefixes_.empty() && ipv6_.empty(); }

    /// Whether every lookup stays within the image.
    bool is_sound(const ImageBounds &bounds) const noexcept;

    /// Lays out a set, which lies in the image at `set`.
    static void lay_out(ImageWriter &image, ImageWriter::Place<RangeSet> set,
                        std::span<const AddressRange> ranges);

    /// Lets another set, which lies in the same image and is empty, consist of the same ranges.
    static void share(ImageWriter &image, const RangeSet &set, RangeSet &other) noexcept {
        FamilyRanges<Ipv4Bits>::share(image, set.ipv4_, other.ipv4_);
        FamilyRanges<PrefixBits>::share(image, set.ipv6_prefixes_, other.ipv6_prefixes_);
        FamilyRanges<Ipv6Bits>::share(image, set.ipv6_, other.ipv6_);
    }

  private:
    using PrefixBits = std::uint64_t;

    // What `use` makes of the ranges of an address's family and of its key among them.
    template <class Use>
    auto of_family(Address address, Use use) const noexcept;

    FamilyRanges<Ipv4Bits> ipv4_;
    // One of these two is empty.
    FamilyRanges<PrefixBits> ipv6_prefixes_;
    FamilyRanges<Ipv6Bits> ipv6_;
};

}  // namespace ipfence
