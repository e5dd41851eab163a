// Tables of a set or two, in which every place is known: what a full one gives up, and what a
// record that finds no place leaves alone.

#include <gtest/gtest.h>

#include <array>
#include <new>
#include <vector>

#include "engine/memory/table.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::small_table_test {
namespace {

constexpr Seconds kNow = 1000;

// A record of the first set, where the table has two.
CredentialRecord record(std::uint64_t number, Seconds expires = 2 * kNow) {
    CredentialRecord made;
    made.header.key = {{1, number}};
    made.header.expires = expires;
    made.header.owner = static_cast<std::uint32_t>(number);
    return made;
}

class SmallTable : public testing::Test {
  protected:
    static constexpr std::size_t kSets = 2;
    static constexpr std::size_t kSize = kSets * Table::set_size(sizeof(CredentialRecord));

    SmallTable() { EXPECT_TRUE(locks_[0].initialize()); }

    bool has(std::uint64_t number) const {
        return table_.find<CredentialRecord>(record(number).header.key, kNow).has_value();
    }
    void fill_set() {
        for (std::uint64_t number = 1; number <= Table::kWays; ++number) {
            ASSERT_EQ(table_.store(record(number), kNow), Stored::stored);
        }
    }
    std::vector<std::byte> contents() const {
        const auto bytes = memory_.bytes();
        return {bytes.begin(), bytes.end()};
    }

    ZoneMemory memory_{2 * kSize};
    std::array<SharedLock, 1> locks_;
    Table table_{memory_.bytes().first(kSize), sizeof(CredentialRecord), locks_};
};

TEST_F(SmallTable, WhatIsExpiredGivesWayBeforeAnythingLive) {
    fill_set();
    constexpr std::uint64_t kExpired = 20;
    ASSERT_EQ(table_.store(record(kExpired, kNow), kNow), Stored::stored);
    EXPECT_EQ(table_.store(record(100), kNow), Stored::stored);
    for (std::uint64_t number = 1; number <= Table::kWays; ++number) {
        EXPECT_EQ(has(number), number != kExpired) << number;
    }
    EXPECT_TRUE(has(100));
    EXPECT_EQ(table_.store(record(101), kNow), Stored::evicting) << "now all of it is live";
}

TEST_F(SmallTable, ARecordThatIsRefusedChangesNothing) {
    fill_set();
    const auto before = contents();
    CredentialRecord derived = record(100);
    derived.header.standing = Standing::derived;
    EXPECT_EQ(table_.store(derived, kNow), Stored::refused);
    EXPECT_EQ(contents(), before);
}

TEST_F(SmallTable, ARecordThatWasTornIsNotFoundByWhoHasItsFormerCopy) {
    fill_set();
    CredentialRecord found;
    const Digest key = record(7).header.key;
    ASSERT_TRUE(table_.find(key, kNow, found));
    ASSERT_TRUE(memory_.tear(key));
    EXPECT_FALSE(table_.find(key, kNow, found));
}

TEST_F(SmallTable, WithoutPlacesItHoldsNothing) {
    Table none({}, sizeof(CredentialRecord), locks_);
    const auto keep = [](CredentialRecord &) { return true; };
    const Digest key = record(1).header.key;
    EXPECT_EQ(none.capacity(), 0U);
    EXPECT_EQ(none.store(record(1), kNow), Stored::refused);
    EXPECT_EQ(none.change_or_store(record(1), kNow, keep), Stored::refused);
    EXPECT_FALSE(none.update<CredentialRecord>(key, kNow, keep));
    EXPECT_FALSE(none.find<CredentialRecord>(key, kNow));
    none.remove(key);
}

TEST_F(SmallTable, NothingIsWrittenWithoutTheLock) {
    fill_set();
    const auto before = contents();
    // One that this thread has already, of a kind that says so.
    auto *lock = new (locks_.data()) pthread_mutex_t;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    ASSERT_EQ(pthread_mutex_init(lock, &attributes), 0);
    ASSERT_EQ(pthread_mutex_lock(lock), 0);

    const auto change = [](CredentialRecord &changed) { return ++changed.header.count != 0; };
    EXPECT_EQ(table_.store(record(100), kNow), Stored::refused);
    EXPECT_EQ(table_.change_or_store(record(1), kNow, change), Stored::refused);
    EXPECT_FALSE(table_.update<CredentialRecord>(record(1).header.key, kNow, change));
    table_.remove(record(1).header.key);
    EXPECT_EQ(contents(), before);
    pthread_mutex_unlock(lock);
}

}  // namespace
}  // namespace ipfence::small_table_test
