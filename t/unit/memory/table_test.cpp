#include "engine/memory/table.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/memory/eviction.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::table_test {
namespace {

constexpr Seconds kNow = 1000;

CredentialRecord record(std::uint64_t number, Seconds expires = 2 * kNow, std::uint32_t owner = 0) {
    CredentialRecord made;
    made.header.key = digest_of(number);
    made.header.expires = expires;
    made.header.owner = owner;
    made.grant = digest_of(number + 1);
    return made;
}

class TableTest : public testing::Test {
  protected:
    ZoneMemory memory_;
    Zone zone_ = memory_.make_zone();
    Table &table_ = zone_.credentials();

    bool has(std::uint64_t number, Seconds now = kNow) {
        return table_.find<CredentialRecord>(digest_of(number), now).has_value();
    }
};

TEST_F(TableTest, FindsWhatWasStored) {
    EXPECT_FALSE(has(1));
    EXPECT_EQ(table_.store(record(1), kNow), Stored::stored);
    const auto found = table_.find<CredentialRecord>(digest_of(1), kNow);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->grant, digest_of(2));
    EXPECT_FALSE(has(2));
}

// threats.md L10: who shares a place, or the first words, with a record is not it.
TEST_F(TableTest, AllOfAKeyIsCompared) {
    table_.store(record(1), kNow);
    for (std::size_t bit = 0; bit < 128; ++bit) {
        Digest other = digest_of(1);
        other.words[bit / 64] ^= std::uint64_t{1} << bit % 64;
        EXPECT_FALSE(table_.find<CredentialRecord>(other, kNow)) << bit;
    }
    EXPECT_TRUE(has(1));
}

// So that a lookup can fetch it before it knows where it is.
TEST_F(TableTest, ARecordLiesWhereItsKeySaysOrInTheNextFreePlace) {
    const auto key_in_first_set = [](std::uint64_t low) { return Digest{{0, low}}; };
    const auto store_at = [&](std::uint64_t low, std::size_t expected) {
        CredentialRecord made = record(1);
        made.header.key = key_in_first_set(low);
        ASSERT_EQ(table_.store(made, kNow), Stored::stored);
        const auto found = table_.at<CredentialRecord>(expected, kNow);
        ASSERT_TRUE(found) << low;
        EXPECT_EQ(found->header.key, made.header.key);
    };
    store_at(5, 5);
    store_at(5 + Table::kWays, 6);
    store_at(31, 31);
    store_at(31 + Table::kWays, 0);
}

TEST_F(TableTest, ARecordEndsAtItsTime) {
    table_.store(record(1, kNow + 1), kNow);
    EXPECT_TRUE(has(1, kNow));
    EXPECT_FALSE(has(1, kNow + 1));
    EXPECT_FALSE(table_.update<CredentialRecord>(digest_of(1), kNow + 1,
                                                 [](CredentialRecord &) { return true; }));
}

TEST_F(TableTest, ASampleSaysHowManyAreLive) {
    constexpr std::size_t kAll = SIZE_MAX;
    EXPECT_EQ(table_.estimate_live<CredentialRecord>(kAll, kNow), 0U);
    const std::size_t count = table_.capacity() / 3;
    for (std::uint64_t number = 1; number <= count; ++number) {
        table_.store(record(number, number % 4 == 0 ? kNow + 1 : 2 * kNow), kNow);
    }
    EXPECT_EQ(table_.estimate_live<CredentialRecord>(kAll, kNow), count);
    EXPECT_EQ(table_.estimate_live<CredentialRecord>(kAll, kNow + 1), count - count / 4);
    const std::size_t estimated =
        table_.estimate_live<CredentialRecord>(table_.capacity() / Table::kWays / 4, kNow);
    EXPECT_GT(estimated, count / 4 * 3);
    EXPECT_LT(estimated, count / 4 * 5);
    EXPECT_EQ(table_.estimate_live<CredentialRecord>(0, kNow), 0U);
}

// Shared memory has the pages that somebody touched.
TEST(Table, ASampleTouchesFewPages) {
    constexpr std::size_t kSets = 32 * 1024;
    constexpr std::size_t kSize = kSets * Table::set_size(sizeof(CredentialRecord));
    const int descriptor = ::memfd_create("table", MFD_CLOEXEC);
    ASSERT_EQ(::ftruncate(descriptor, kSize), 0);
    void *memory = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ASSERT_NE(memory, MAP_FAILED);
    ::madvise(memory, kSize, MADV_NOHUGEPAGE);
    std::array<SharedLock, 1> locks;
    const Table table({static_cast<std::byte *>(memory), kSize}, sizeof(CredentialRecord), locks);

    constexpr std::size_t kLookedAt = 512;
    EXPECT_EQ(table.estimate_live<CredentialRecord>(kLookedAt, kNow), 0U);
    struct stat status {};
    ASSERT_EQ(::fstat(descriptor, &status), 0);
    constexpr std::int64_t kBlock = 512;
    constexpr std::int64_t kMostPages = 2 * kLookedAt;  // a set may lie on two
    EXPECT_LE(status.st_blocks * kBlock, kMostPages * ::sysconf(_SC_PAGESIZE));
    ::munmap(memory, kSize);
    ::close(descriptor);
}

TEST_F(TableTest, AStoreReplacesAndARemoveRemoves) {
    table_.store(record(1), kNow);
    CredentialRecord changed = record(1);
    changed.grant = digest_of(9);
    EXPECT_EQ(table_.store(changed, kNow), Stored::stored);
    EXPECT_EQ(table_.find<CredentialRecord>(digest_of(1), kNow)->grant, digest_of(9));
    table_.remove(digest_of(1));
    EXPECT_FALSE(has(1));
    table_.remove(digest_of(1));
    std::size_t live = 0;
    for (std::size_t place = 0; place < table_.capacity(); ++place) {
        live += table_.at<CredentialRecord>(place, kNow).has_value() ? 1 : 0;
    }
    EXPECT_EQ(live, 0U);
}

// No writer leaves such memory, but a reader believes what lies where its key says, tag or not.
TEST(Table, WhatIsRemovedIsGoneWhateverTheMemoryHeld) {
    constexpr std::size_t kRecord = sizeof(CredentialRecord);
    alignas(Table::kLine) std::array<std::byte, Table::set_size(kRecord)> places{};
    const std::span<std::byte> tags = std::span(places).first(Table::kWays * sizeof(std::uint16_t));
    const std::span<std::byte> records = std::span(places).subspan(tags.size());
    SharedLock lock;
    ASSERT_TRUE(lock.initialize());
    Table table(places, kRecord, std::span(&lock, 1));
    const Digest key = digest_of(1);
    const auto is_found = [&] { return table.find<CredentialRecord>(key, kNow).has_value(); };

    ASSERT_EQ(table.store(record(1), kNow), Stored::stored);
    std::ranges::fill(tags, std::byte{0xff});
    EXPECT_TRUE(is_found());
    table.remove(key);
    EXPECT_FALSE(is_found()) << "under another tag";

    ASSERT_EQ(table.store(record(1), kNow), Stored::stored);
    const std::size_t way = key.words[1] % Table::kWays;
    for (std::size_t other = 0; other < Table::kWays; ++other) {
        std::memcpy(&records[other * kRecord], &records[way * kRecord], kRecord);
        std::memcpy(&tags[other * sizeof(std::uint16_t)], &tags[way * sizeof(std::uint16_t)],
                    sizeof(std::uint16_t));
    }
    EXPECT_TRUE(is_found());
    table.remove(key);
    EXPECT_FALSE(is_found()) << "in more than one place";
    table.remove({});
    EXPECT_FALSE(table.find<CredentialRecord>({}, kNow).has_value()) << "a key that is none";
}

TEST_F(TableTest, ChangesInPlace) {
    const auto count = [](CredentialRecord &stored) { ++stored.header.count; };
    EXPECT_EQ(table_.change_or_store(record(1), kNow, count), Stored::stored);
    EXPECT_EQ(table_.change_or_store(record(1), kNow, count), Stored::stored);
    EXPECT_EQ(table_.find<CredentialRecord>(digest_of(1), kNow)->header.count, 2);
    EXPECT_FALSE(table_.update<CredentialRecord>(digest_of(1), kNow,
                                                 [](CredentialRecord &) { return false; }));
}

// What was changed while it was on its way is kept as nothing, and some tokens are issued for no
// time at all: nobody has to give way for that.
TEST_F(TableTest, WhatNobodyWouldFindTakesNoPlace) {
    for (std::uint64_t number = 1; number <= 4 * table_.capacity(); ++number) {
        table_.store(record(number), kNow);
    }
    const auto live = [&] {
        std::size_t count = 0;
        for (std::size_t place = 0; place < table_.capacity(); ++place) {
            count += table_.at<CredentialRecord>(place, kNow) ? 1 : 0;
        }
        return count;
    };
    ASSERT_EQ(live(), table_.capacity());
    EXPECT_EQ(table_.store(record(88'000'000, kNow), kNow), Stored::stored) << "expires_in 0";
    EXPECT_EQ(live(), table_.capacity());
    const auto leave = [](CredentialRecord &) {};
    EXPECT_EQ(table_.change_or_store(record(77'000'000, kNow), kNow, leave), Stored::stored);
    EXPECT_EQ(live(), table_.capacity());
    EXPECT_EQ(table_.change_or_store(record(77'000'000, kNow + 1), kNow, leave), Stored::evicting);
    EXPECT_TRUE(has(77'000'000));
    const auto end = [](CredentialRecord &ended) { ended.header.expires = kNow; };
    EXPECT_EQ(table_.change_or_store(record(77'000'000), kNow, end), Stored::stored);
    EXPECT_FALSE(has(77'000'000)) << "one that is there can end";
    EXPECT_EQ(live(), table_.capacity() - 1);
}

// Against a map, with random operations that never fill the table.
TEST_F(TableTest, BehavesAsAMap) {
    std::mt19937 random(1);
    std::unordered_map<std::uint64_t, Digest> oracle;
    for (int step = 0; step < 200'000; ++step) {
        const std::uint64_t number = random() % 600;
        switch (random() % 4) {
            case 0: {
                CredentialRecord fresh = record(number);
                fresh.grant = digest_of(random());
                ASSERT_EQ(table_.store(fresh, kNow), Stored::stored);
                oracle[number] = fresh.grant;
                break;
            }
            case 1:
                table_.remove(digest_of(number));
                oracle.erase(number);
                break;
            default: {
                const auto found = table_.find<CredentialRecord>(digest_of(number), kNow);
                const auto expected = oracle.find(number);
                ASSERT_EQ(found.has_value(), expected != oracle.end());
                if (found) {
                    ASSERT_EQ(found->grant, expected->second);
                }
            }
        }
    }
}

// The bound that table.hpp states.
TEST_F(TableTest, WhoFloodsEvictsHimself) {
    const auto others = static_cast<std::uint32_t>(table_.capacity() / 2);
    for (std::uint32_t owner = 1; owner <= others; ++owner) {
        ASSERT_EQ(table_.store(record(owner, 2 * kNow, owner), kNow), Stored::stored);
    }
    constexpr std::uint32_t kFlooder = 0xf100d;
    for (std::uint64_t number = 0; number < 10 * table_.capacity(); ++number) {
        ASSERT_NE(table_.store(record(1'000'000 + number, 2 * kNow, kFlooder), kNow),
                  Stored::refused);
    }
    std::uint32_t left = 0;
    for (std::uint32_t owner = 1; owner <= others; ++owner) {
        left += has(owner) ? 1 : 0;
    }
    EXPECT_EQ(left, others) << "nobody else lost a record";
    EXPECT_TRUE(has(1'000'000 + 10 * table_.capacity() - 1)) << "his last one is there";
}

TEST_F(TableTest, InAFullTableAFloodTakesOneOf32PlacesAtMost) {
    std::uint32_t owner = 0;
    for (std::uint64_t number = 1; number <= 4 * table_.capacity(); ++number) {
        table_.store(record(number, 2 * kNow, ++owner), kNow);
    }
    const auto owned_by_others = [&] {
        std::size_t count = 0;
        for (std::size_t place = 0; place < table_.capacity(); ++place) {
            const auto found = table_.at<CredentialRecord>(place, kNow);
            count += found && found->header.owner != 0xf100d ? 1 : 0;
        }
        return count;
    };
    const std::size_t before = owned_by_others();
    EXPECT_GT(before, table_.capacity() * 99 / 100);
    for (std::uint64_t number = 0; number < 10 * table_.capacity(); ++number) {
        table_.store(record(9'000'000 + number, 2 * kNow, 0xf100d), kNow);
    }
    EXPECT_LE(before - owned_by_others(), table_.capacity() / Table::kWays);
}

TEST_F(TableTest, WhatIsDerivedNeverEvictsWhatWasLearned) {
    for (std::uint64_t number = 1; number <= 4 * table_.capacity(); ++number) {
        table_.store(record(number, 2 * kNow, static_cast<std::uint32_t>(number)), kNow);
    }
    CredentialRecord derived = record(77'000'000);
    derived.header.standing = Standing::derived;
    EXPECT_EQ(table_.store(derived, kNow), Stored::refused);
    EXPECT_EQ(table_.store(record(78'000'000), kNow), Stored::evicting);
}

TEST(ChooseVictim, TakesTheLeastThatMatters) {
    const auto header = [](Standing standing, std::uint32_t owner, Seconds expires) {
        RecordHeader made;
        made.standing = standing;
        made.owner = owner;
        made.expires = expires;
        return made;
    };
    constexpr auto kDerived = Standing::derived;
    constexpr auto kLearned = Standing::learned;
    const auto newcomer = header(kLearned, 1, 50);
    using Set = std::vector<RecordHeader>;

    EXPECT_EQ(choose_victim(Set{header(kLearned, 2, 10), header(kDerived, 3, 99)}, newcomer), 1U);
    EXPECT_EQ(choose_victim(Set{header(kLearned, 2, 10), header(kLearned, 1, 99)}, newcomer), 1U)
        << "the newcomer's own";
    EXPECT_EQ(choose_victim(Set{header(kLearned, 2, 10), header(kLearned, 3, 99),
                                header(kLearned, 3, 98), header(kLearned, 3, 97)},
                            newcomer),
              3U)
        << "of the crowd the one that expires first";
    EXPECT_EQ(choose_victim(Set{header(kLearned, 2, 10), header(kLearned, 3, 9)}, newcomer), 1U);
    EXPECT_EQ(choose_victim(Set{header(kLearned, 2, 10)}, header(kDerived, 2, 99)), std::nullopt);
    EXPECT_EQ(choose_victim(Set{}, newcomer), std::nullopt);
}

}  // namespace
}  // namespace ipfence::table_test
