// Where the answer of a set may change, which `ipfence diff` goes by: it asks for one address of
// each segment.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address/range_table.hpp"

namespace ipfence::range_set_starts_test {
namespace {

std::string starts(const std::vector<std::string_view> &texts) {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : texts) {
        ranges.push_back(AddressRange::parse(text).value());
    }
    std::vector<Address> found;
    RangeTable(ranges).set().add_starts(found);
    std::string all;
    for (const Address start : found) {
        all.append(all.empty() ? "" : " ").append(start.text());
    }
    return all;
}

TEST(RangeSetStarts, AreThoseOfEachSegmentOfEachFamily) {
    EXPECT_EQ(starts({"10.0.0.0/8"}), "0.0.0.0 10.0.0.0 11.0.0.0");
    EXPECT_EQ(starts({"10.0.0.0/8", "10.1.0.0/16"}), "0.0.0.0 10.0.0.0 10.1.0.0 10.2.0.0 11.0.0.0");
    EXPECT_EQ(starts({"0.0.0.0/0"}), "0.0.0.0");
    EXPECT_EQ(starts({"2001:db8::/32"}), ":: 2001:db8:: 2001:db9::");
    EXPECT_EQ(starts({"2001:db8::7", "10.0.0.0/8"}),
              "0.0.0.0 10.0.0.0 11.0.0.0 :: 2001:db8::7 2001:db8::8");
}

// So many that no place of the leaf is left.
TEST(RangeSetStarts, AreNoMoreThanThereAreSegments) {
    EXPECT_EQ(starts({"0.0.0.0", "0.0.0.2", "0.0.0.4", "0.0.0.6", "0.0.0.8", "0.0.0.10", "0.0.0.12",
                      "0.0.0.14-255.255.255.255"}),
              "0.0.0.0 0.0.0.1 0.0.0.2 0.0.0.3 0.0.0.4 0.0.0.5 0.0.0.6 0.0.0.7 0.0.0.8 0.0.0.9 "
              "0.0.0.10 0.0.0.11 0.0.0.12 0.0.0.13 0.0.0.14");
}

// Sets stand in an image side by side.
TEST(RangeSetStarts, AreNotThoseOfAnotherSet) {
    std::vector<AddressRange> ranges;
    for (std::uint32_t address = 0; address < 100; address += 2) {
        ranges.push_back(AddressRange::parse(Address::from_ipv4(address).text()).value());
    }
    ImageWriter writer;
    const auto sets = writer.add<RangeSet>(2);
    RangeSet::lay_out(writer, sets, std::span(ranges).first(2));
    RangeSet::lay_out(writer, sets + 1, ranges);
    const Image image = Image::copy_of(writer.take());
    std::vector<Address> found;
    image.begin<RangeSet>().add_starts(found);
    EXPECT_EQ(found.size(), 4U);
}

// Neighbours that one range covers are one segment, for which one address is asked.
TEST(RangeSetStarts, AreNotWhereARangeEndsInsideANarrowerOne) {
    EXPECT_EQ(starts({"10.0.0.0-10.0.0.100", "10.0.0.90-10.0.0.110"}),
              "0.0.0.0 10.0.0.0 10.0.0.90 10.0.0.111");
}

// The addresses behind ::fffe:ffff:ffff are those of IPv4; the next one of IPv6 is behind them.
TEST(RangeSetStarts, OfIpv6AreOfIpv6) {
    EXPECT_EQ(starts({"::fffe:0:0/96"}), ":: ::fffe:0:0 ::1:0:0:0");
    EXPECT_EQ(starts({"::1:0:0:0/96"}), ":: ::1:0:0:0 ::1:1:0:0");
}

}  // namespace
}  // namespace ipfence::range_set_starts_test
