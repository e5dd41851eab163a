// Whoever can write a compiled policy can make its checksum: what a set of ranges says of itself is
// checked before anybody looks up in it.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "engine/address/range_set.hpp"
#include "engine/image/image.hpp"

namespace ipfence::forged_range_set_test {
namespace {

// What points from one place of an image to another says how far away that is.
struct Pointer {
    std::int32_t distance = 0;

    void point(const void *target) {
        distance = static_cast<std::int32_t>(static_cast<const std::byte *>(target) -
                                             reinterpret_cast<const std::byte *>(this));
    }
};

struct List {
    Pointer first;
    std::uint32_t size = 0;
};

enum : std::uint32_t { kNone, kWhole, kSpan, kListed };  // what covers a segment
enum : std::uint32_t { kAddress, kBlock, kWrittenAsSpan };

// The set of 10.0.0.0/8 and 10.1.0.0/16 as an image has it. Two parts of the former are listed; the
// latter is a segment of its own.
struct Forged {
    Pointer leaves;
    Pointer nodes;
    std::uint32_t segments = 5;
    Pointer parts;
    std::uint32_t ipv6[5] = {};

    struct Parts {
        List segments, owners, ranges;
    } of_ranges;
    std::uint32_t listed[3] = {1, 3, 4};
    std::uint32_t owners[3] = {0, 0, 0};
    std::uint32_t range[3] = {0x0a000000, 0x0affffff, kBlock};

    struct alignas(64) Leaf {
        std::uint32_t starts[15];
        std::uint32_t coverages;
    };
    Leaf leaf = {{0, 0x0a000000, 0x0a010000, 0x0a020000, 0x0b000000, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U,
                  ~0U, ~0U, ~0U, ~0U},
                 kListed << 2 | kWhole << 4 | kListed << 6};
    Leaf behind = {};

    Forged() {
        leaves.point(&leaf);
        parts.point(&of_ranges);
        of_ranges.segments.first.point(listed);
        of_ranges.segments.size = 2;
        of_ranges.owners.first.point(owners);
        of_ranges.owners.size = 2;
        of_ranges.ranges.first.point(range);
        of_ranges.ranges.size = 1;
    }
    Forged(const Forged &) = delete;

    void cover(unsigned segment, std::uint32_t coverage) {
        leaf.coverages = (leaf.coverages & ~(3U << 2 * segment)) | coverage << 2 * segment;
    }

    // Fifteen segments fill the leaf, from 10.0.0.0 on of one address each.
    void fill_leaf() {
        segments = 15;
        parts.distance = 0;
        leaf.coverages = 0;
        for (std::uint32_t segment = 1; segment < 15; ++segment) {
            leaf.starts[segment] = 0x0a000000 + segment;
        }
    }
};
static_assert(sizeof(RangeSet) == offsetof(Forged, of_ranges));

bool is_sound(const Forged &forged) {
    const Image image = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
    return image.begin<RangeSet>().is_sound(ImageBounds(image.bytes()));
}

template <class Change>
bool is_sound_with(Change change) {
    Forged forged;
    change(forged);
    return is_sound(forged);
}

TEST(ForgedRangeSet, AsItIsLaidOutIsSoundAndAnswers) {
    const Forged forged;
    EXPECT_TRUE(is_sound(forged));
    const Image image = Image::copy_of(std::as_bytes(std::span(&forged, 1)));
    const auto found = [&image](std::uint32_t address) {
        const auto range = image.begin<RangeSet>().find(Address::from_ipv4(address));
        return range ? range->text() : "none";
    };
    EXPECT_EQ(found(0x09ffffff), "none");
    EXPECT_EQ(found(0x0a000000), "10.0.0.0/8");
    EXPECT_EQ(found(0x0a01ffff), "10.1.0.0/16");
    EXPECT_EQ(found(0x0affffff), "10.0.0.0/8");
    EXPECT_EQ(found(0x0b000000), "none");
}

// Each part of it may as well lie in another set, but only where the image has that one too.
TEST(ForgedRangeSet, OfWhatLiesBehindTheImageIsUnsound) {
    const auto expect_unsound = [](const char *what, auto change) {
        Forged pair[2];
        change(pair[0], std::as_const(pair[1]));
        const Image image = Image::copy_of(std::as_bytes(std::span(pair)));
        const auto &set = image.begin<RangeSet>();
        EXPECT_TRUE(set.is_sound(ImageBounds(image.bytes()))) << what;
        EXPECT_FALSE(set.is_sound(ImageBounds(image.bytes().first(sizeof(Forged))))) << what;
    };
    expect_unsound("leaves", [](Forged &set, auto &other) { set.leaves.point(&other.leaf); });
    expect_unsound("parts", [](Forged &set, auto &other) { set.parts.point(&other.of_ranges); });
    expect_unsound("segments", [](Forged &set, auto &other) {
        set.of_ranges.segments.first.point(other.listed);
    });
    expect_unsound(
        "owners", [](Forged &set, auto &other) { set.of_ranges.owners.first.point(other.owners); });
    expect_unsound("ranges",
                   [](Forged &set, auto &other) { set.of_ranges.ranges.first.point(other.range); });
}

TEST(ForgedRangeSet, WithStartsOutOfOrderIsUnsound) {
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.leaf.starts[0] = 1; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.leaf.starts[2] = 0x0a000000; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.leaf.starts[2] = 0x09000000; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.leaf.starts[5] = 0x0c000000; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.leaf.starts[14] = 0x0c000000; }));
}

TEST(ForgedRangeSet, WithAnotherNumberOfSegmentsIsUnsound) {
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.segments = 0; })) << "parts of nothing";
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.segments = 4; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.segments = 7; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.segments = UINT32_MAX; }));
}

// What is shown for a segment is a range, or there is none to show.
TEST(ForgedRangeSet, WithASegmentThatIsNoBlockIsUnsound) {
    const auto is_sound_as = [](std::uint32_t coverage, std::uint32_t first_behind) {
        return is_sound_with([=](Forged &set) {
            set.cover(2, coverage);
            set.leaf.starts[3] = first_behind;
        });
    };
    EXPECT_TRUE(is_sound_as(kWhole, 0x0a020000));
    EXPECT_TRUE(is_sound_as(kWhole, 0x0a010001));
    EXPECT_FALSE(is_sound_as(kWhole, 0x0a01ffff));
    EXPECT_FALSE(is_sound_as(kWhole, 0x0a030000));
    EXPECT_TRUE(is_sound_as(kSpan, 0x0a030000));
    EXPECT_TRUE(is_sound_as(kNone, 0x0a030000));
}

TEST(ForgedRangeSet, WithOtherListedSegmentsThanTheTreeSaysIsUnsound) {
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.listed[0] = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.listed[1] = 4; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.listed[1] = UINT32_MAX; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { std::swap(set.listed[0], set.listed[1]); }));
    const auto set_sizes = [](std::uint32_t size) {
        return [size](Forged &set) {
            set.of_ranges.segments.size = size;
            set.of_ranges.owners.size = size;
        };
    };
    EXPECT_FALSE(is_sound_with(set_sizes(0)));
    EXPECT_FALSE(is_sound_with(set_sizes(1)));
    EXPECT_FALSE(is_sound_with(set_sizes(3)));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.parts.distance = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.cover(1, kNone); }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.cover(2, kListed); }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.cover(4, kListed); }));
}

TEST(ForgedRangeSet, WithAListedSegmentOfNoRangeIsUnsound) {
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.owners[0] = 1; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.owners[1] = UINT32_MAX; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.of_ranges.owners.size = 1; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.of_ranges.owners.size = 3; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.of_ranges.ranges.size = 0; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.range[1] = 0x09ffffff; })) << "inverted";
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.range[1] = 0x0afffffe; })) << "no block";
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.range[2] = kAddress; }));
    EXPECT_TRUE(is_sound_with([](Forged &set) { set.range[2] = kWrittenAsSpan; }));
    EXPECT_FALSE(is_sound_with([](Forged &set) { set.range[2] = 3; })) << "no notation";
}

// A leaf that is full has no segment behind its last one, whatever the bytes there are.
TEST(ForgedRangeSet, WithAFullLeafIsSoundWhateverIsBehindIt) {
    EXPECT_TRUE(is_sound_with([](Forged &set) { set.fill_leaf(); }));
    EXPECT_TRUE(is_sound_with([](Forged &set) {
        set.fill_leaf();
        set.behind.coverages = kListed;
    }));
    EXPECT_TRUE(is_sound_with([](Forged &set) {
        set.fill_leaf();
        set.behind.starts[0] = 1;
        set.behind.coverages = kWhole;
    }));
}

}  // namespace
}  // namespace ipfence::forged_range_set_test
