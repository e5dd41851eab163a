// The check of a set of ranges, where it is a tree of several levels and where it is one of IPv6:
// sets as they are laid out, and then one number of them another.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "engine/address/range_set.hpp"
#include "engine/image/image.hpp"

namespace ipfence::forged_segment_tree_test {
namespace {

// Where these lie in an image that begins with a set.
constexpr std::size_t kIpv6Prefixes = 16;
constexpr std::size_t kIpv6 = 32;
constexpr std::size_t kFirstLine = 64;  // of the root, or of the leaf where there is no other
// In the ranges of a family.
constexpr std::size_t kNodes = 4;
constexpr std::size_t kSegments = 8;

class Laid {
  public:
    explicit Laid(std::span<const AddressRange> ranges) {
        ImageWriter writer;
        RangeSet::lay_out(writer, writer.add<RangeSet>(), ranges);
        bytes_ = writer.take();
    }
    Laid(std::initializer_list<std::string_view> texts) : Laid(ranges_of(texts)) {}

    bool is_sound() const { return is_sound(bytes_); }

    // Whether it is when the number at `place` is this one.
    template <class Number>
    bool is_sound_with(std::size_t place, Number number) const {
        std::vector<std::byte> changed = bytes_;
        std::memcpy(changed.data() + place, &number, sizeof(number));
        return is_sound(changed);
    }

    template <class Number>
    Number at(std::size_t place) const {
        Number number;
        std::memcpy(&number, bytes_.data() + place, sizeof(number));
        return number;
    }

  private:
    static std::vector<AddressRange> ranges_of(std::initializer_list<std::string_view> texts) {
        std::vector<AddressRange> ranges;
        for (const std::string_view text : texts) {
            ranges.push_back(AddressRange::parse(text).value());
        }
        return ranges;
    }

    static bool is_sound(const std::vector<std::byte> &bytes) {
        const Image image = Image::copy_of(bytes);
        return image.begin<RangeSet>().is_sound(ImageBounds(image.bytes()));
    }

    std::vector<std::byte> bytes_;
};

// So many segments: single addresses and what is between them.
Laid segments(std::uint32_t count) {
    std::vector<AddressRange> ranges;
    for (std::uint32_t index = 1; index < count; index += 2) {
        const Address address = Address::from_ipv4(index);
        ranges.push_back(*AddressRange::of(address, address, AddressRange::Notation::address));
    }
    return Laid(ranges);
}

// A lookup goes by every key of every node, also by those that lead nowhere.
TEST(ForgedSegmentTree, WithAnotherKeyInAnyNodeIsUnsound) {
    constexpr std::size_t kKeys = 16;
    struct Tree {
        std::uint32_t segments;
        std::size_t nodes;
    };
    for (const Tree tree : {Tree{17, 1}, Tree{241, 1 + 2}, Tree{3'841, 1 + 2 + 17}}) {
        const Laid laid = segments(tree.segments);
        ASSERT_TRUE(laid.is_sound()) << tree.segments;
        for (std::size_t key = 0; key < tree.nodes * kKeys; ++key) {
            const std::size_t place = kFirstLine + key * sizeof(std::uint32_t);
            const auto is = laid.at<std::uint32_t>(place);
            ASSERT_FALSE(laid.is_sound_with(place, is + 1)) << key << " of " << tree.segments;
            ASSERT_FALSE(laid.is_sound_with(place, is - 1)) << key << " of " << tree.segments;
        }
    }
}

TEST(ForgedSegmentTree, WithNodesOutsideTheImageIsUnsound) {
    const Laid laid = segments(241);
    EXPECT_FALSE(laid.is_sound_with(kNodes, std::int32_t{0}));
    EXPECT_FALSE(laid.is_sound_with(kNodes, INT32_MAX));
    EXPECT_FALSE(laid.is_sound_with(kNodes, laid.at<std::int32_t>(kNodes) + 4));
    EXPECT_FALSE(laid.is_sound_with(kNodes, laid.at<std::int32_t>(kNodes) + 64));
}

TEST(ForgedSegmentTree, OfWholeLinksIsLookedAtToo) {
    const Laid laid{"192.0.2.0/24", "2001:db8::/32"};
    ASSERT_TRUE(laid.is_sound());
    EXPECT_FALSE(laid.is_sound_with(kIpv6Prefixes, INT32_MAX));
    EXPECT_FALSE(laid.is_sound_with(kIpv6Prefixes + kSegments, std::uint32_t{2}));
}

TEST(ForgedSegmentTree, OfIpv6AddressesIsLookedAtToo) {
    const Laid laid{"192.0.2.0/24", "2001:db8::7"};
    ASSERT_TRUE(laid.is_sound());
    EXPECT_FALSE(laid.is_sound_with(kIpv6, INT32_MAX));
    EXPECT_FALSE(laid.is_sound_with(kIpv6, laid.at<std::int32_t>(kIpv6) + 2)) << "misaligned";
    const std::size_t ranges = kIpv6 + static_cast<std::size_t>(laid.at<std::int32_t>(kIpv6));
    EXPECT_FALSE(laid.is_sound_with(ranges + kSegments, std::uint32_t{2}));
}

// A range is of one family: one that begins before the mapped addresses does not end among them.
TEST(ForgedSegmentTree, WithARangeFromIpv6IntoIpv4IsUnsound) {
    const Laid laid{"::5-::9"};
    ASSERT_TRUE(laid.is_sound());
    const std::size_t behind = kFirstLine + 2 * sizeof(Ipv6Bits);
    ASSERT_EQ(laid.at<std::uint64_t>(behind), 10U);
    EXPECT_TRUE(laid.is_sound_with(behind, std::uint64_t{0xffff00000000}));
    EXPECT_FALSE(laid.is_sound_with(behind, std::uint64_t{0xffff00000001}));
}

}  // namespace
}  // namespace ipfence::forged_segment_tree_test
