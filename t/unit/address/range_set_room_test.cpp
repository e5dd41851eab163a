// How much of an image a set of ranges takes, and so how much of the cache a lookup in it.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/address/range_set.hpp"
#include "engine/image/image_writer.hpp"

namespace ipfence::range_set_room_test {
namespace {

using Notation = AddressRange::Notation;

std::size_t room_of(const std::vector<AddressRange> &ranges) {
    ImageWriter writer;
    RangeSet::lay_out(writer, writer.add<RangeSet>(), ranges);
    return writer.size();
}

// A range is one segment and what is between it and the next one another, of 4 bytes each and the
// bits that say what it is. Only a range that is in parts is beside that.
TEST(RangeSetRoom, OfIpv4RangesWithoutOthersInsideIsTenBytesEach) {
    constexpr std::uint32_t kRanges = 1'000;
    for (const Notation notation : {Notation::address, Notation::block, Notation::span}) {
        const std::uint32_t last = notation == Notation::address ? 0 : 1;
        std::vector<AddressRange> ranges;
        for (std::uint32_t base = 16; ranges.size() < kRanges; base += 16) {
            ranges.push_back(*AddressRange::of(Address::from_ipv4(base),
                                               Address::from_ipv4(base + last), notation));
        }
        EXPECT_LT(room_of(ranges), kRanges * 10) << static_cast<int>(notation);
    }
}

// Many lists name no range, or none of a family.
TEST(RangeSetRoom, OfNoRangeIsNothingBeside) {
    EXPECT_EQ(room_of({}), sizeof(RangeSet));
}

// Of each part there is its number, and that of the range.
TEST(RangeSetRoom, OfARangeInPartsIsThatOfOneRange) {
    constexpr std::uint32_t kParts = 1'000;
    std::vector<AddressRange> ranges;
    for (std::uint32_t hole = 1; hole < kParts; ++hole) {
        const Address address = Address::from_ipv4(0x0a000000 + 16 * hole);
        ranges.push_back(*AddressRange::of(address, address, Notation::address));
    }
    const std::size_t of_holes = room_of(ranges);
    ranges.push_back(AddressRange::parse("10.0.0.0/8").value());
    EXPECT_LT(room_of(ranges), of_holes + kParts * 9);
}

// One address of IPv6 makes all of them 128 bits wide; of IPv4 any number does not.
TEST(RangeSetRoom, OfWholeLinksIsHalfOfThatOfIpv6Addresses) {
    std::vector<AddressRange> ranges;
    for (std::uint64_t link = 0; link < 1'000; ++link) {
        const std::uint64_t high = 0x20010db800000000 + 2 * link;
        ranges.push_back(*AddressRange::of(Address::from_ipv6(high, 0),
                                           Address::from_ipv6(high, UINT64_MAX), Notation::block));
    }
    ranges.push_back(AddressRange::parse("192.0.2.1").value());
    const std::size_t of_links = room_of(ranges);
    ranges.back() = AddressRange::parse("2001:db8:ffff::1").value();
    EXPECT_LT(of_links, room_of(ranges) * 11 / 20);
}

}  // namespace
}  // namespace ipfence::range_set_room_test
