#include "engine/address/range_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

#include "t/unit/address/allocation_count.hpp"

namespace ipfence::range_table_test {
namespace {

RangeTable table(std::initializer_list<std::string_view> texts) {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : texts) {
        ranges.push_back(AddressRange::parse(text).value());
    }
    return RangeTable(ranges);
}

std::string owner(const RangeTable &ranges, std::string_view address) {
    const auto range = ranges.find(*Address::parse(address));
    return range ? range->text() : "none";
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
            const auto found = table.find(Address::from_ipv4(base + offset));
            ASSERT_EQ(found.has_value(), expected != nullptr) << round;
            if (found) {
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
    const auto begin = std::chrono::steady_clock::now();
    const RangeTable table(ranges);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
    EXPECT_EQ(table.find(Address::from_ipv4(0x0a000000 + 500))->first().ipv4(), 0x0a000000 + 500);
    EXPECT_EQ(table.find(Address::from_ipv4(0x0b000000 - 500))->last().ipv4(), 0x0b000000 - 500);
    EXPECT_FALSE(table.contains(Address::from_ipv4(0x0b000001)));
}

Address address(std::string_view text) {
    return *Address::parse(text);
}

AddressRange span(Address first, Address last) {
    return AddressRange::parse(first.text() + "-" + last.text()).value();
}

TEST(RangeTable, ShowsRangesAsTheyWereWritten) {
    for (const std::string_view text :
         {"203.0.113.7", "203.0.113.7/32", "203.0.113.0/24", "203.0.113.0-203.0.113.255",
          "203.0.113.7-203.0.113.7", "0.0.0.0/0", "2001:db8::7", "2001:db8::7/128", "2001:db8::/64",
          "2001:db8::/65", "2001:db8::-2001:db8::ffff", "2001:db8::-2001:db8:0:1::", "::/0"}) {
        const AddressRange range = AddressRange::parse(text).value();
        const auto found = table({text}).find(range.last());
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->text(), text);
        EXPECT_EQ(*found, range);
    }
}

TEST(RangeTable, LetsTheFirstGivenOfEquallyWideOnesAnswer) {
    const RangeTable equal = table({"10.0.0.0-10.0.0.255", "10.0.0.0/24"});
    EXPECT_EQ(owner(equal, "10.0.0.7"), "10.0.0.0-10.0.0.255");
    const RangeTable shifted = table({"10.0.0.4-10.0.0.7", "10.0.0.2-10.0.0.5"});
    EXPECT_EQ(owner(shifted, "10.0.0.3"), "10.0.0.2-10.0.0.5");
    EXPECT_EQ(owner(shifted, "10.0.0.4"), "10.0.0.4-10.0.0.7");
    EXPECT_EQ(owner(shifted, "10.0.0.8"), "none");
}

TEST(RangeTable, LeavesNoGapBetweenAdjacentRanges) {
    const RangeTable adjacent =
        table({"10.0.0.0/25", "10.0.0.128/25", "2001:db8::/33", "2001:db8:8000::/33"});
    EXPECT_EQ(owner(adjacent, "10.0.0.127"), "10.0.0.0/25");
    EXPECT_EQ(owner(adjacent, "10.0.0.128"), "10.0.0.128/25");
    EXPECT_EQ(owner(adjacent, "10.0.1.0"), "none");
    EXPECT_EQ(owner(adjacent, "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"), "2001:db8::/33");
    EXPECT_EQ(owner(adjacent, "2001:db8:8000::"), "2001:db8:8000::/33");
}

// The contract of `find`, written as a walk over all ranges. `offset` numbers the addresses of a
// small universe, so widths are plain differences here.
struct Candidate {
    unsigned first;
    unsigned last;
};

std::ptrdiff_t expected_owner(const std::vector<Candidate> &candidates, unsigned offset) {
    std::ptrdiff_t best = -1;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto [first, last] = candidates[i];
        if (offset < first || offset > last) {
            continue;
        }
        const bool narrower =
            best < 0 || last - first < candidates[static_cast<std::size_t>(best)].last -
                                           candidates[static_cast<std::size_t>(best)].first;
        best = narrower ? static_cast<std::ptrdiff_t>(i) : best;
    }
    return best;
}

constexpr unsigned kUniverse = 24;

// Every table over the universe that begins at `at(0)` must answer as the walk does.
template <class At>
void compare_with_walk(At at, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int round = 0; round < 1500; ++round) {
        std::vector<Candidate> candidates;
        std::vector<AddressRange> ranges;
        for (auto count = random() % 12; count > 0; --count) {
            const auto a = static_cast<unsigned>(random() % kUniverse);
            const auto b = static_cast<unsigned>(random() % kUniverse);
            candidates.push_back({std::min(a, b), std::max(a, b)});
            ranges.push_back(span(at(std::min(a, b)), at(std::max(a, b))));
        }
        const RangeTable table(ranges);
        for (unsigned offset = 0; offset < kUniverse; ++offset) {
            const auto found = table.find(at(offset));
            const std::ptrdiff_t expected = expected_owner(candidates, offset);
            ASSERT_EQ(found.has_value(), expected >= 0)
                << "round " << round << ", " << at(offset).text();
            if (found) {
                // Of equally wide ranges that contain the address, all with this text are the same.
                ASSERT_EQ(*found, ranges[static_cast<std::size_t>(expected)])
                    << "round " << round << ", " << at(offset).text();
            }
        }
    }
}

TEST(RangeTable, AnswersAsAWalkOverAllRangesForIpv4) {
    std::uint64_t seed = 10;
    for (const std::uint32_t base : {0u, 0x7ffffff4u, 0xc6336400u, 0u - kUniverse}) {
        compare_with_walk([base](unsigned offset) { return Address::from_ipv4(base + offset); },
                          ++seed);
    }
}

// Also across the border of the two halves, where the search compares more than one word, and in
// universes whose addresses differ in the high half only.
TEST(RangeTable, AnswersAsAWalkOverAllRangesForIpv6) {
    constexpr std::uint64_t kHigh = 0x20010db800000000;
    constexpr std::uint64_t kHalfBefore = std::uint64_t{0} - kUniverse / 2;
    compare_with_walk([](unsigned offset) { return Address::from_ipv6(0, offset); }, 20);
    compare_with_walk(
        [](unsigned offset) {
            const std::uint64_t low = kHalfBefore + offset;
            return Address::from_ipv6(kHigh + (low < kHalfBefore ? 1 : 0), low);
        },
        21);
    compare_with_walk(
        [](unsigned offset) {
            return Address::from_ipv6(UINT64_MAX, UINT64_MAX - kUniverse + 1 + offset);
        },
        22);
    compare_with_walk([](unsigned offset) { return Address::from_ipv6(kHigh + offset, 9); }, 23);
}

// Widths that differ in the low half only, in the high half only, and with a borrow between them.
TEST(RangeTable, ComparesWidthsOf128Bits) {
    const RangeTable widths = table({"2001:db8::-2001:db8:0:2::", "2001:db8::-2001:db8:0:1:ffff::",
                                     "2001:db8:0:0:ffff::-2001:db8:0:2::1"});
    EXPECT_EQ(owner(widths, "2001:db8::1"), "2001:db8::-2001:db8:0:1:ffff::");
    EXPECT_EQ(owner(widths, "2001:db8:0:1::"), "2001:db8:0:0:ffff::-2001:db8:0:2::1");
    EXPECT_EQ(owner(widths, "2001:db8:0:2::"), "2001:db8:0:0:ffff::-2001:db8:0:2::1");
}

TEST(RangeTable, LooksUpWithoutAllocation) {
    const RangeTable given = table({"198.51.100.0/24", "2001:db8::/32", "2001:db8::7"});
    const Address ipv4 = address("198.51.100.7");
    const Address ipv6 = address("2001:db8::7");
    const std::size_t before = allocation_count();
    const bool found = given.contains(ipv4) && given.contains(ipv6);
    EXPECT_EQ(allocation_count(), before);
    EXPECT_TRUE(found);
    EXPECT_GT(before, 0u);
}

}  // namespace
}  // namespace ipfence::range_table_test
