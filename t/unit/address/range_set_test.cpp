#include "engine/address/range_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "engine/address/range_table.hpp"

namespace ipfence::range_set_test {
namespace {

// Disjoint ranges, and which one of them holds an address: by a search of the standard library's.
struct Disjoint {
    std::vector<AddressRange> ranges;

    const AddressRange *find(Address address) const {
        const auto behind = std::ranges::upper_bound(ranges, address, {}, &AddressRange::first);
        if (behind == ranges.begin() || !std::prev(behind)->contains(address)) {
            return nullptr;
        }
        return &*std::prev(behind);
    }
};

Address neighbour(Address address, bool above) {
    if (address.family() == Address::Family::ipv4) {
        return Address::from_ipv4(above ? address.ipv4() + 1 : address.ipv4() - 1);
    }
    const std::uint64_t low = above ? address.low() + 1 : address.low() - 1;
    const bool carries = above ? low == 0 : address.low() == 0;
    return Address::from_ipv6(address.high() + (!carries ? 0 : above ? 1 : ~std::uint64_t{0}), low);
}

// Every edge, what is beside it on both sides, and the ends of the line.
void expect_same(const Disjoint &expected) {
    const RangeTable table(expected.ranges);
    std::vector<Address> asked{Address::from_ipv4(0), Address::from_ipv4(~0U),
                               Address::from_ipv6(0, 0),
                               Address::from_ipv6(~std::uint64_t{0}, ~std::uint64_t{0})};
    for (const AddressRange &range : expected.ranges) {
        for (const Address edge : {range.first(), range.last()}) {
            asked.insert(asked.end(), {neighbour(edge, false), edge, neighbour(edge, true)});
        }
    }
    for (const Address address : asked) {
        const AddressRange *range = expected.find(address);
        const auto found = table.find(address);
        ASSERT_EQ(found.has_value(), range != nullptr)
            << address.text() << " among " << expected.ranges.size();
        ASSERT_EQ(table.contains(address), range != nullptr) << address.text();
        if (range != nullptr) {
            ASSERT_EQ(*found, *range) << address.text();
        }
    }
}

constexpr auto kSpan = AddressRange::Notation::span;

// Sizes at which a leaf, a node or a level is just full, and beyond: 15 starts a leaf of IPv4, 7 of
// IPv6, 16 keys a node.
std::vector<std::size_t> sizes() {
    std::vector<std::size_t> all;
    for (std::size_t size = 1; size <= 300; ++size) {
        all.push_back(size);
    }
    for (const std::size_t size :
         {1'791u, 1'792u, 1'793u, 1'919u, 1'920u, 1'921u, 30'719u, 30'720u, 30'721u, 200'000u}) {
        all.push_back(size);
    }
    return all;
}

TEST(RangeSet, OfIpv4AnswersAsASortedSearchAtAnySize) {
    for (const std::size_t size : sizes()) {
        std::mt19937 random(static_cast<unsigned>(size));
        Disjoint disjoint;
        const auto step = static_cast<std::uint32_t>(0xffffffff / size);
        for (std::size_t index = 0; index < size; ++index) {
            const auto base = static_cast<std::uint32_t>(index) * step;
            const std::uint32_t first = base + static_cast<std::uint32_t>(random() % (step / 4));
            const std::uint32_t last =
                base + step / 2 + static_cast<std::uint32_t>(random() % (step / 2));
            disjoint.ranges.push_back(
                *AddressRange::of(Address::from_ipv4(first), Address::from_ipv4(last), kSpan));
        }
        expect_same(disjoint);
    }
}

TEST(RangeSet, OfIpv6PrefixesAnswersAsASortedSearchAtAnySize) {
    for (const std::size_t size : sizes()) {
        std::mt19937_64 random(size);
        Disjoint disjoint;
        const std::uint64_t step = 0x1fffffffffffffff / size;
        for (std::size_t index = 0; index < size; ++index) {
            const std::uint64_t base = 0x2000000000000000 + index * step;
            const std::uint64_t first = base + random() % (step / 4);
            const std::uint64_t last = base + step / 2 + random() % (step / 2);
            disjoint.ranges.push_back(*AddressRange::of(
                Address::from_ipv6(first, 0), Address::from_ipv6(last, ~std::uint64_t{0}), kSpan));
        }
        expect_same(disjoint);
    }
}

TEST(RangeSet, OfIpv6AddressesAnswersAsASortedSearchAtAnySize) {
    for (const std::size_t size : sizes()) {
        std::mt19937_64 random(size);
        Disjoint disjoint;
        for (std::size_t index = 0; index < size; ++index) {
            const std::uint64_t high = 0x20010db800000000 + index / 3;
            const std::uint64_t base = (index % 3) << 60;
            disjoint.ranges.push_back(
                *AddressRange::of(Address::from_ipv6(high, base + random() % 1000),
                                  Address::from_ipv6(high, base + 1000 + random() % 1000), kSpan));
        }
        expect_same(disjoint);
    }
}

// How many lines of the cache a lookup reads: one a level.
std::size_t lines_read(std::size_t ranges) {
    std::vector<AddressRange> all;
    for (std::uint32_t index = 0; index < ranges; ++index) {
        const Address address = Address::from_ipv4(index * 16);
        all.push_back(*AddressRange::of(address, address, kSpan));
    }
    const RangeTable table(all);
    return table.set().begin(Address::from_ipv4(160)).height + 1;
}

// Those who make many lookups take each one level down as long as there is one.
TEST(RangeSet, InStagesAnswersTheSame) {
    std::vector<AddressRange> all;
    for (std::uint32_t index = 0; index < 5'000; ++index) {
        const Address address = Address::from_ipv4(index * 16);
        all.push_back(*AddressRange::of(address, address, kSpan));
    }
    all.push_back(AddressRange::parse("2001:db8::/32").value());
    const RangeTable table(all);
    const auto in_stages = [&set = table.set()](Address address) {
        TreeSearch search = set.begin(address);
        while (search.height > 0) {
            set.go_down(address, search);
        }
        return set.end(address, search).range();
    };
    for (std::uint32_t bits = 0; bits < 90'000; bits += 7) {
        const Address address = Address::from_ipv4(bits);
        ASSERT_EQ(in_stages(address), table.find(address)) << address.text();
    }
    EXPECT_EQ(in_stages(Address::parse("2001:db8::7").value())->text(), "2001:db8::/32");
    // No node has a key above the highest one, so there is none to go down by.
    EXPECT_EQ(table.set().begin(Address::from_ipv4(~0U)).height, 0U);
    EXPECT_EQ(in_stages(Address::from_ipv4(~0U)), std::nullopt);
}

// P12: what a lookup costs hardly grows with what it is looked up in.
TEST(RangeSet, OfAHundredTimesAsManyRangesIsTwoLinesMoreToRead) {
    EXPECT_EQ(lines_read(7), 1U);
    EXPECT_EQ(lines_read(100), 2U);
    EXPECT_EQ(lines_read(10'000), 4U);
    EXPECT_EQ(lines_read(1'000'000), 6U);
}

// Few addresses, so that ranges nest, touch and overlap, of each family and of whole /64 blocks.
TEST(RangeSet, FindsAnOverlapWhereThereIsOne) {
    enum class Line { ipv4, ipv6_prefixes, ipv6 };
    std::mt19937 generator(20261124);
    const auto below = [&generator](unsigned limit) {
        return static_cast<unsigned>(generator() % limit);
    };
    const auto range_on = [&below](Line line) {
        const unsigned first = below(40);
        const unsigned last = first + below(6);
        switch (line) {
            case Line::ipv4:
                return *AddressRange::of(Address::from_ipv4(first), Address::from_ipv4(last),
                                         kSpan);
            case Line::ipv6_prefixes:
                return *AddressRange::of(Address::from_ipv6(first, 0),
                                         Address::from_ipv6(last, ~std::uint64_t{0}), kSpan);
            case Line::ipv6:
                break;
        }
        return *AddressRange::of(Address::from_ipv6(1, first), Address::from_ipv6(1, last), kSpan);
    };
    for (int round = 0; round < 3'000; ++round) {
        const Line line = static_cast<Line>(round % 3);
        std::vector<AddressRange> ranges;
        for (unsigned count = below(5); count > 0; --count) {
            ranges.push_back(range_on(line));
        }
        const AddressRange asked = range_on(line);
        const auto overlaps = [&asked](const AddressRange &range) {
            return range.first() <= asked.last() && asked.first() <= range.last();
        };
        const auto found = RangeTable(ranges).find_overlap(asked);
        ASSERT_EQ(found.has_value(), std::ranges::any_of(ranges, overlaps)) << asked.text();
        if (found) {
            ASSERT_TRUE(overlaps(*found)) << asked.text() << " and " << found->text();
            ASSERT_NE(std::ranges::find(ranges, *found), ranges.end()) << found->text();
        }
    }
}

TEST(RangeSet, OfOneFamilyOverlapsNothingOfTheOther) {
    const auto range = [](std::string_view text) { return AddressRange::parse(text).value(); };
    for (const char *ipv6 : {"::/0", "2001:db8::/32", "2001:db8::7", "::/1"}) {
        for (const char *ipv4 : {"0.0.0.0/0", "192.0.2.7", "0.0.0.0/1"}) {
            EXPECT_EQ(RangeTable({{range(ipv4)}}).find_overlap(range(ipv6)), std::nullopt) << ipv6;
            EXPECT_EQ(RangeTable({{range(ipv6)}}).find_overlap(range(ipv4)), std::nullopt) << ipv4;
        }
    }
}

// Ranges that fill the line without a gap, up to its last address.
TEST(RangeSet, OfAdjacentRangesLeavesNothingOut) {
    for (const std::size_t size : {1u, 15u, 16u, 17u, 240u, 256u, 4096u}) {
        Disjoint disjoint;
        const std::uint64_t step = (std::uint64_t{1} << 32) / size;
        for (std::size_t index = 0; index < size; ++index) {
            const std::uint64_t end =
                index + 1 == size ? std::uint64_t{1} << 32 : (index + 1) * step;
            disjoint.ranges.push_back(
                *AddressRange::of(Address::from_ipv4(static_cast<std::uint32_t>(index * step)),
                                  Address::from_ipv4(static_cast<std::uint32_t>(end - 1)), kSpan));
        }
        expect_same(disjoint);
    }
}

}  // namespace
}  // namespace ipfence::range_set_test
