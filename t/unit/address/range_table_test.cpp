#include "engine/address/range_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace ipfence {
namespace {

RangeTable table(std::initializer_list<std::string_view> texts) {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : texts) {
        ranges.push_back(AddressRange::parse(text).value());
    }
    return RangeTable(ranges);
}

std::string owner(const RangeTable &ranges, std::string_view address) {
    const AddressRange *range = ranges.find(*Address::parse(address));
    return range == nullptr ? "none" : range->text();
}

TEST(RangeTable, EmptyContainsNothing) {
    const RangeTable empty;
    EXPECT_TRUE(empty.empty());
    EXPECT_EQ(owner(empty, "0.0.0.0"), "none");
    EXPECT_EQ(owner(empty, "::"), "none");
}

TEST(RangeTable, EdgesAreInside) {
    const RangeTable ranges = table({"192.0.2.0/24", "2001:db8::/32"});
    EXPECT_EQ(owner(ranges, "192.0.1.255"), "none");
    EXPECT_EQ(owner(ranges, "192.0.2.0"), "192.0.2.0/24");
    EXPECT_EQ(owner(ranges, "192.0.2.255"), "192.0.2.0/24");
    EXPECT_EQ(owner(ranges, "192.0.3.0"), "none");
    EXPECT_EQ(owner(ranges, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"), "none");
    EXPECT_EQ(owner(ranges, "2001:db8::"), "2001:db8::/32");
    EXPECT_EQ(owner(ranges, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), "2001:db8::/32");
    EXPECT_EQ(owner(ranges, "2001:db9::"), "none");
}

TEST(RangeTable, FamiliesAreApart) {
    EXPECT_EQ(owner(table({"0.0.0.0/0"}), "::1"), "none");
    EXPECT_EQ(owner(table({"::/0"}), "192.0.2.1"), "none");
    EXPECT_EQ(owner(table({"::/0"}), "::ffff:192.0.2.1"), "none");
    EXPECT_EQ(owner(table({"192.0.2.0/24"}), "::ffff:192.0.2.1"), "192.0.2.0/24");
}

TEST(RangeTable, TheEndsOfTheLineAreReached) {
    const RangeTable ranges =
        table({"0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"});
    EXPECT_EQ(owner(ranges, "0.0.0.0"), "0.0.0.0");
    EXPECT_EQ(owner(ranges, "0.0.0.1"), "none");
    EXPECT_EQ(owner(ranges, "255.255.255.255"), "255.255.255.255");
    EXPECT_EQ(owner(ranges, "255.255.255.254"), "none");
    EXPECT_EQ(owner(ranges, "::"), "::");
    EXPECT_EQ(owner(ranges, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
              "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    EXPECT_EQ(owner(table({"0.0.0.0/0"}), "255.255.255.255"), "0.0.0.0/0");
    EXPECT_EQ(owner(table({"::/0"}), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "::/0");
}

TEST(RangeTable, TheNarrowestOwnsAndTheFirstOfEquals) {
    const RangeTable ranges =
        table({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.0-10.1.2.255", "10.1.2.3"});
    EXPECT_EQ(owner(ranges, "10.2.0.0"), "10.0.0.0/8");
    EXPECT_EQ(owner(ranges, "10.1.3.0"), "10.1.0.0/16");
    EXPECT_EQ(owner(ranges, "10.1.2.4"), "10.1.2.0/24");
    EXPECT_EQ(owner(ranges, "10.1.2.3"), "10.1.2.3");
    EXPECT_EQ(owner(ranges, "10.1.2.255"), "10.1.2.0/24");
}

// The same question asked of every range in turn.
const AddressRange *narrowest(std::span<const AddressRange> ranges, std::uint32_t bits) {
    const AddressRange *best = nullptr;
    const auto width = [](const AddressRange &range) {
        return range.last().ipv4() - range.first().ipv4();
    };
    for (const AddressRange &range : ranges) {
        if (range.contains(Address::from_ipv4(bits)) &&
            (best == nullptr || width(range) < width(*best))) {
            best = &range;
        }
    }
    return best;
}

TEST(RangeTable, AgreesWithBruteForceOnSmallUniverses) {
    std::mt19937 random(42);
    for (int round = 0; round < 3'000; ++round) {
        // At the bottom, in the middle and at the top of the line.
        const std::uint32_t base = round % 3 == 0 ? 0 : round % 3 == 1 ? 0x0a000000 : 0xffffffc0;
        std::vector<AddressRange> ranges;
        for (auto count = random() % 12; count > 0; --count) {
            std::uint32_t first = random() % 64;
            std::uint32_t last = random() % 64;
            if (last < first) {
                std::swap(first, last);
            }
            ranges.push_back(AddressRange::parse(Address::from_ipv4(base + first).text() + "-" +
                                                 Address::from_ipv4(base + last).text())
                                 .value());
        }
        const RangeTable table(ranges);
        for (std::uint32_t offset = 0; offset < 64; ++offset) {
            const AddressRange *expected = narrowest(ranges, base + offset);
            const AddressRange *found = table.find(Address::from_ipv4(base + offset));
            ASSERT_EQ(found == nullptr, expected == nullptr) << round;
            if (found != nullptr) {
                ASSERT_EQ(*found, *expected) << round;
            }
        }
    }
}

TEST(RangeTable, AgreesWithBruteForceInIpv6AcrossTheWordBoundary) {
    std::mt19937_64 random(43);
    const auto address = [](std::uint64_t offset) {
        // Around the carry from the lower to the upper half.
        const std::uint64_t low = 0xffffffffffffffe0 + offset;
        return Address::from_ipv6(0x20010db800000000 + (low < 0xffffffffffffffe0 ? 1 : 0), low);
    };
    for (int round = 0; round < 1'000; ++round) {
        std::vector<AddressRange> ranges;
        for (auto count = random() % 8; count > 0; --count) {
            const std::uint64_t first = random() % 64;
            const std::uint64_t last = first + random() % (64 - first);
            ranges.push_back(
                AddressRange::parse(address(first).text() + "-" + address(last).text()).value());
        }
        const RangeTable table(ranges);
        for (std::uint64_t offset = 0; offset < 64; ++offset) {
            const bool inside = std::ranges::any_of(
                ranges, [&](const AddressRange &range) { return range.contains(address(offset)); });
            ASSERT_EQ(table.contains(address(offset)), inside) << round;
        }
    }
}

TEST(RangeTable, DeepNestingBuildsInReasonableTime) {
    constexpr std::uint32_t kRanges = 200'000;
    std::vector<AddressRange> ranges;
    ranges.reserve(kRanges);
    for (std::uint32_t i = 0; i < kRanges; ++i) {
        ranges.push_back(AddressRange::parse(Address::from_ipv4(0x0a000000 + i).text() + "-" +
                                             Address::from_ipv4(0x0b000000 - i).text())
                             .value());
    }
    const RangeTable table(ranges);
    EXPECT_EQ(table.find(Address::from_ipv4(0x0a000000 + 500))->first().ipv4(), 0x0a000000 + 500);
    EXPECT_EQ(table.find(Address::from_ipv4(0x0b000000 - 500))->last().ipv4(), 0x0b000000 - 500);
    EXPECT_FALSE(table.contains(Address::from_ipv4(0x0b000001)));
}

}  // namespace
}  // namespace ipfence
