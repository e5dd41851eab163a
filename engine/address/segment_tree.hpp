#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>

#include "engine/address/ascending_keys.hpp"
#include "engine/image/fetch.hpp"
#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"

namespace ipfence {

/// What covers a segment of addresses. All that most segments need to say fits into two bits.
enum class Coverage : std::uint8_t {
    none,    ///< no range
    whole,   ///< exactly one range, an address or a block
    span,    ///< exactly one range, written `first-last`
    listed,  ///< a part of a range: which one stands elsewhere
};

/// A lookup in a tree that is under way: at a node, or at the leaf, which is its end.
struct TreeSearch {
    std::uint32_t level = 0;   ///< where the nodes of the node's level begin
    std::uint32_t index = 0;   ///< of the node in its level, or of the leaf
    std::uint32_t height = 0;  ///< of the node's level above the leaves; 0: at the leaf
};

/// The starts of segments, arranged for lookup in an image: a search tree without pointers.
///
/// The leaves are the segments in their order, each leaf a cache line (two for 128-bit keys): the
/// starts of some segments and, in the last word, the two bits of each. Above them lie levels of
/// nodes of 16 keys, each the first key of the node or leaf below; the root comes first. A lookup
/// goes down one line a level and then reads one leaf, so of a tree of ten million segments it
/// misses the cache for the leaf and perhaps for the level above it. Keys that are not needed are
/// the highest there is.
template <class Key>
class SegmentTree {
  public:
    static constexpr std::size_t kNodeKeys = 16;
    static constexpr std::size_t kLeafWords = sizeof(Key) == 4 ? 16 : 8;
    static constexpr std::size_t kLeafStarts = kLeafWords - 1;
    static constexpr Key kHighest = ~Key{};

    struct alignas(64) Leaf {
        std::array<Key, kLeafWords> words;  ///< the starts, then the coverages
    };
    struct alignas(64) Node {
        std::array<Key, kNodeKeys> firsts;
    };

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// A lookup of `key` at its beginning. The tree must not be empty.
    TreeSearch begin(Key key) const noexcept {
        // No key is above the highest, not even one that is not needed: `end` knows its segment.
        return {0, 0, key == kHighest ? 0 : height_of(leaves_for(size_))};
    }

    /// Goes down one level; only where the search is not at the leaf.
    void go_down(Key key, TreeSearch &search) const noexcept {
        const Node &node = nodes_.get()[search.level + search.index];
        const std::size_t rank = count_not_above<kNodeKeys>(node.firsts, key) - 1;
        search.level += static_cast<std::uint32_t>(width_at(leaves_for(size_), search.height));
        search.index = static_cast<std::uint32_t>(search.index * kNodeKeys + rank);
        --search.height;
    }

    /// Fetches the node or leaf that it is at into the cache.
    void fetch(const TreeSearch &search) const noexcept {
        if (search.height > 0) {
            fetch_whole(nodes_.get() + search.level + search.index);
        } else {
            fetch_whole(leaves_.get() + search.index);
        }
    }

    struct Found {
        std::size_t segment;
        Coverage coverage;
    };

    /// The segment that contains `key`, found from where the search is.
    Found end(Key key, TreeSearch search) const noexcept {
        if (key == kHighest) {
            return {size_ - 1, coverage(size_ - 1)};
        }
        while (search.height > 0) {
            go_down(key, search);
        }
        const auto &words = leaves_.get()[search.index].words;
        const std::size_t slot = count_not_above<kLeafStarts>(words, key) - 1;
        return {search.index * kLeafStarts + slot, coverage_in(words.back(), slot)};
    }

    /// The segment that contains `key`. The tree must not be empty.
    std::size_t find(Key key) const noexcept { return end(key, begin(key)).segment; }

    Key start(std::size_t segment) const noexcept {
        return leaves_.get()[segment / kLeafStarts].words[segment % kLeafStarts];
    }

    /// The last key of a segment.
    Key last(std::size_t segment) const noexcept {
        if (segment + 1 >= size_) {
            return kHighest;
        }
        const Leaf *leaf = leaves_.get() + segment / kLeafStarts;
        const std::size_t slot = segment % kLeafStarts + 1;
        return (slot < kLeafStarts ? leaf->words[slot] : leaf[1].words[0]) - 1;
    }

    Coverage coverage(std::size_t segment) const noexcept {
        return coverage_in(leaves_.get()[segment / kLeafStarts].words.back(),
                           segment % kLeafStarts);
    }

    /// What tells trees of an image apart: those of one identity have the same leaves and nodes.
    using Identity = std::tuple<std::uintptr_t, std::uintptr_t, std::uint32_t>;
    Identity identity() const noexcept { return {leaves_.identity(), nodes_.identity(), size_}; }

    /// Whether every lookup stays within the image and ends in the right segment.
    bool is_sound(const ImageBounds &bounds) const noexcept;

    /// Lays out a tree, which lies in the image at `tree`. `starts` ascend, and begin with 0 unless
    /// there are none.
    static void lay_out(ImageWriter &image, ImageWriter::Place<SegmentTree> tree,
                        std::span<const Key> starts, std::span<const Coverage> coverages);

    /// Lets another tree, which is empty, have the same leaves and nodes.
    static void share(ImageWriter &image, const SegmentTree &tree, SegmentTree &other) noexcept {
        image.share(tree.leaves_, other.leaves_);
        image.share(tree.nodes_, other.nodes_);
        other.size_ = tree.size_;
    }

  private:
    static Coverage coverage_in(Key coverages, std::size_t slot) noexcept {
        return static_cast<Coverage>(coverages >> (2 * slot) & 3);
    }

    static constexpr std::size_t leaves_for(std::size_t segments) noexcept {
        return (segments + kLeafStarts - 1) / kLeafStarts;
    }

    // How many levels of nodes there are above so many leaves.
    static constexpr unsigned height_of(std::size_t leaves) noexcept {
        constexpr unsigned kBits = 4;
        return leaves <= 1
                   ? 0
                   : (static_cast<unsigned>(std::bit_width(leaves - 1)) + kBits - 1) / kBits;
    }

    // How many nodes a level has; level 0 is the leaves.
    static constexpr std::size_t width_at(std::size_t leaves, unsigned height) noexcept {
        const unsigned shift = 4 * height;
        return (leaves + (std::size_t{1} << shift) - 1) >> shift;
    }

    static constexpr std::size_t nodes_above(std::size_t leaves) noexcept {
        std::size_t nodes = 0;
        for (unsigned height = height_of(leaves); height > 0; --height) {
            nodes += width_at(leaves, height);
        }
        return nodes;
    }

    // The key of the n-th node or leaf of a level, for those who build or check the level above.
    Key first_of(const Node *level, unsigned height, std::size_t index) const noexcept {
        return height == 0 ? leaves_.get()[index].words[0] : level[index].firsts[0];
    }

    bool leaves_are_sound() const noexcept;
    bool nodes_are_sound() const noexcept;

    RelativePointer<Leaf> leaves_;
    RelativePointer<Node> nodes_;
    std::uint32_t size_ = 0;
};

template <class Key>
bool SegmentTree<Key>::is_sound(const ImageBounds &bounds) const noexcept {
    if (empty()) {
        return true;
    }
    const std::size_t leaves = leaves_for(size_);
    const std::size_t nodes = nodes_above(leaves);
    return leaves_.lies_in(bounds, leaves) && (nodes == 0 || nodes_.lies_in(bounds, nodes)) &&
           leaves_are_sound() && nodes_are_sound();
}

template <class Key>
bool SegmentTree<Key>::leaves_are_sound() const noexcept {
    for (std::size_t segment = 0; segment < size_; ++segment) {
        if (segment == 0 ? start(0) != 0 : start(segment) <= start(segment - 1)) {
            return false;
        }
    }
    for (std::size_t filler = size_; filler < leaves_for(size_) * kLeafStarts; ++filler) {
        if (start(filler) != kHighest) {
            return false;
        }
    }
    return true;
}

template <class Key>
bool SegmentTree<Key>::nodes_are_sound() const noexcept {
    const std::size_t leaves = leaves_for(size_);
    const Node *level = nodes_.get();
    for (unsigned height = height_of(leaves); height > 0; --height) {
        const std::size_t width = width_at(leaves, height);
        const std::size_t below = width_at(leaves, height - 1);
        for (std::size_t child = 0; child < width * kNodeKeys; ++child) {
            const Key expected =
                child < below ? first_of(level + width, height - 1, child) : kHighest;
            if (level[child / kNodeKeys].firsts[child % kNodeKeys] != expected) {
                return false;
            }
        }
        level += width;
    }
    return true;
}

template <class Key>
void SegmentTree<Key>::lay_out(ImageWriter &image, ImageWriter::Place<SegmentTree> tree,
                               std::span<const Key> starts, std::span<const Coverage> coverages) {
    if (starts.empty()) {
        return;
    }
    const std::size_t leaf_count = leaves_for(starts.size());
    const std::size_t node_count = nodes_above(leaf_count);
    const auto nodes = image.add<Node>(node_count, alignof(Node));
    const auto leaves = image.add<Leaf>(leaf_count, alignof(Leaf));
    image.at(tree).size_ = static_cast<std::uint32_t>(starts.size());
    image.point(image.at(tree).leaves_, leaves);
    for (std::size_t at = 0; at < leaf_count * kLeafStarts; ++at) {
        auto &words = image.at(leaves + at / kLeafStarts).words;
        const std::size_t slot = at % kLeafStarts;
        words[slot] = at < starts.size() ? starts[at] : kHighest;
        if (at < starts.size()) {
            words.back() |= static_cast<Key>(static_cast<Key>(coverages[at]) << (2 * slot));
        }
    }
    if (node_count == 0) {
        return;
    }
    image.point(image.at(tree).nodes_, nodes);
    const SegmentTree &self = image.at(tree);
    // From the lowest level to the root, which comes first.
    std::size_t level = node_count;
    std::size_t level_below = 0;
    for (unsigned height = 1; height <= height_of(leaf_count); ++height) {
        const std::size_t width = width_at(leaf_count, height);
        level -= width;
        for (std::size_t child = 0; child < width * kNodeKeys; ++child) {
            image.at(nodes + (level + child / kNodeKeys)).firsts[child % kNodeKeys] =
                child < width_at(leaf_count, height - 1)
                    ? self.first_of(&image.at(nodes + level_below), height - 1, child)
                    : kHighest;
        }
        level_below = level;
    }
}

}  // namespace ipfence
