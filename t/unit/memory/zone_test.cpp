#include "engine/memory/zone.hpp"

#include <gtest/gtest.h>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::zone_test {
namespace {

constexpr Seconds kNow = 5000;

TEST(Zone, IsTakenUpOnlyAsWhatItIs) {
    ZoneMemory memory;
    EXPECT_FALSE(Zone::attach(memory.bytes())) << "all zero";
    (void)memory.make_zone();
    EXPECT_TRUE(Zone::attach(memory.bytes()));
    EXPECT_FALSE(Zone::attach(memory.bytes().first(Zone::kMinSize - 4096)));
    EXPECT_FALSE(Zone::attach(memory.bytes().first(0)));
}

TEST(Zone, WithAnyPartOfItsDescriptionChangedIsNone) {
    ZoneMemory memory;
    (void)memory.make_zone();
    constexpr std::size_t kDescription = 24;  // magic, format, sizes of records, size
    for (std::size_t at = 0; at < kDescription; ++at) {
        memory.bytes()[at] ^= std::byte{1};
        EXPECT_FALSE(Zone::attach(memory.bytes())) << at;
        memory.bytes()[at] ^= std::byte{1};
    }
    EXPECT_TRUE(Zone::attach(memory.bytes()));
}

TEST(Zone, IsNoneWhereThereIsTooLittleMemory) {
    ZoneMemory memory;
    EXPECT_FALSE(Zone::create(memory.bytes().first(Zone::kMinSize - 1), {}));
    EXPECT_FALSE(Zone::create(memory.bytes().first(0), {}));
    EXPECT_TRUE(Zone::create(memory.bytes(), {}));
}

TEST(Zone, CountsWhatBecameOfRecords) {
    ZoneMemory memory;
    Zone zone = memory.make_zone();
    for (const Stored stored : {Stored::stored, Stored::stored, Stored::stored, Stored::refused,
                                Stored::refused, Stored::evicting}) {
        EXPECT_EQ(zone.count(stored), stored);
    }
    EXPECT_EQ(zone.counters().refused, 2U);
    EXPECT_EQ(zone.counters().evicted, 1U);
    EXPECT_EQ(Zone::attach(memory.bytes())->counters().refused, 2U) << "for all processes";
}

TEST(Zone, TakesOverTheRecordsOfAnother) {
    ZoneMemory small;
    ZoneMemory large(4 * Zone::kMinSize);
    Memory before = Memory::on(small.make_zone()).value();
    before.remember_grant(digest_of(1), grant("web", "alice"), 100, Standing::learned, kNow);
    before.remember({.key = digest_of(10), .grant = digest_of(1), .lifetime = 100}, 1, kNow);
    Memory after = Memory::on(large.make_zone()).value();
    after.zone().take_over(before.zone(), kNow);
    EXPECT_TRUE(after.recall(digest_of(10), kNow));
}

TEST(Zone, TakesOverEachRecordIntoItsOwnTable) {
    ZoneMemory small;
    ZoneMemory large(4 * Zone::kMinSize);
    Zone before = small.make_zone();
    GrantRecord first = grant("web", "alice");
    first.header.key = {{1, Table::kWays}};  // it lies right behind the credentials
    first.header.expires = kNow + 1;
    ASSERT_EQ(before.grants().store(first, kNow), Stored::stored);
    ASSERT_TRUE(before.grants().at<GrantRecord>(0, kNow));
    Zone after = large.make_zone();
    after.take_over(before, kNow);
    EXPECT_TRUE(after.grants().find<GrantRecord>(first.header.key, kNow));
    EXPECT_FALSE(after.credentials().find<CredentialRecord>(first.header.key, kNow));
}

}  // namespace
}  // namespace ipfence::zone_test
