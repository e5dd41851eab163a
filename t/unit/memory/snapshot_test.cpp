#include "engine/memory/snapshot.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <tuple>

#include "engine/sha256.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::snapshot_test {
namespace {

constexpr Instant kWritten{1'800'000'000, 5000};
constexpr std::size_t kHeaderSize = 48;
constexpr std::size_t kTagSize = 8;

class SnapshotTest : public testing::Test {
  protected:
    SnapshotTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ipfence-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        path_ = directory_ / "snapshot";
    }
    ~SnapshotTest() override { std::filesystem::remove_all(directory_); }

    // A zone with a grant and a credential that live for 100 seconds.
    void write() {
        Memory memory = Memory::on(memory_.make_zone()).value();
        memory.remember_grant(digest_of(1), grant("web", "alice", 4), 100, Standing::learned,
                              kWritten.monotonic);
        memory.remember({.key = digest_of(10), .grant = digest_of(1), .lifetime = 100}, 1,
                        kWritten.monotonic);
        const auto count = write_snapshot(memory.zone(), path_, kWritten);
        ASSERT_TRUE(count) << count.error().message;
        EXPECT_EQ(count->credentials, 1U);
        EXPECT_EQ(count->grants, 1U);
    }

    std::string text() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    void put(const std::string &text) const {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
    }

    // All that is hashed of what was written.
    std::string content() const {
        const std::string whole = text();
        return whole.substr(0, whole.size() - std::tuple_size_v<Sha256::Digest>);
    }

    void put_whole(const std::string &content) const {
        Sha256 hash;
        hash.add(content);
        const Sha256::Digest digest = hash.digest();
        put(content + std::string(digest.begin(), digest.end()));
    }

    void expect_other_version(const std::string &content) const {
        put_whole(content);
        const auto snapshot = Snapshot::read(path_);
        ASSERT_FALSE(snapshot) << content.size();
        EXPECT_NE(snapshot.error().message.find("by another version"), std::string::npos)
            << snapshot.error().message;
    }

    // What is known at a moment after the snapshot was taken up.
    bool is_known_at(Instant restored, Seconds now) {
        const auto snapshot = Snapshot::read(path_);
        if (!snapshot) {
            return false;
        }
        ZoneMemory other(2 * Zone::kMinSize);
        Zone zone = Zone::create(other.bytes(), snapshot->key()).value();
        snapshot->restore(zone, restored);
        return Memory::on(zone).value().recall(digest_of(10), now).has_value();
    }

    ZoneMemory memory_;
    std::filesystem::path directory_;
    std::filesystem::path path_;
};

TEST_F(SnapshotTest, BringsBackWhatWasWritten) {
    write();
    const auto snapshot = Snapshot::read(path_);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    ZoneMemory other;
    Zone zone = Zone::create(other.bytes(), snapshot->key()).value();
    EXPECT_EQ(zone.key(), memory_.make_zone().key());
    const SnapshotCount count = snapshot->restore(zone, kWritten);
    EXPECT_EQ(count.credentials, 1U);
    EXPECT_EQ(count.grants, 1U);
    const auto remembered = Memory::on(zone).value().recall(digest_of(10), kWritten.monotonic + 99);
    ASSERT_TRUE(remembered);
    EXPECT_EQ(remembered->grant.user(), "alice");
    EXPECT_EQ(remembered->grant.flow(), 4);
    EXPECT_EQ(std::filesystem::status(path_).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SnapshotTest, HoldsEachRecordOnce) {
    Zone zone = memory_.make_zone();
    GrantRecord first = grant("web", "alice");
    first.header.key = {{1, Table::kWays}};  // it lies right behind the credentials
    first.header.expires = kWritten.monotonic + 100;
    ASSERT_EQ(zone.grants().store(first, kWritten.monotonic), Stored::stored);
    const auto count = write_snapshot(zone, path_, kWritten);
    ASSERT_TRUE(count);
    EXPECT_EQ(count->credentials, 0U);
    EXPECT_EQ(count->grants, 1U);
}

TEST_F(SnapshotTest, WhatASmallerZoneGivesUpIsCountedAndNotTakenUp) {
    ZoneMemory large(4 * Zone::kMinSize);
    Memory before = Memory::on(large.make_zone()).value();
    const std::uint64_t grants = before.zone().grants().capacity() / 2;
    for (std::uint64_t number = 1; number <= grants; ++number) {
        before.remember_grant(digest_of(number), grant("web", std::to_string(number)), 100,
                              Standing::learned, kWritten.monotonic);
    }
    ASSERT_TRUE(write_snapshot(before.zone(), path_, kWritten));
    Zone zone = memory_.make_zone();
    const std::size_t taken_up = Snapshot::read(path_)->restore(zone, kWritten).grants;
    EXPECT_EQ(taken_up, zone.grants().estimate_live<GrantRecord>(SIZE_MAX, kWritten.monotonic));
    EXPECT_EQ(zone.counters().evicted, grants - taken_up);
}

TEST_F(SnapshotTest, RunsOnByTheWallClock) {
    write();
    const auto later = [](std::int64_t wall, Seconds monotonic) {
        return Instant{kWritten.unix_time + wall, monotonic};
    };
    EXPECT_TRUE(is_known_at(later(60, 5060), 5060 + 39));
    EXPECT_FALSE(is_known_at(later(60, 5060), 5060 + 40));
    EXPECT_TRUE(is_known_at(later(60, 3), 3 + 39)) << "the machine was restarted";
    EXPECT_FALSE(is_known_at(later(60, 3), 3 + 40));
    EXPECT_FALSE(is_known_at(later(100, 5000), 5000));
    EXPECT_TRUE(is_known_at(later(-1000, 5000), 5000 + 99)) << "the wall clock went back";
    EXPECT_FALSE(is_known_at(later(-1000, 5000), 5000 + 100)) << "which lengthens nothing";
    EXPECT_FALSE(is_known_at({INT64_MAX, 5000}, 5000));
}

TEST_F(SnapshotTest, CutAnywhereItIsRefused) {
    write();
    const std::string whole = text();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        put(whole.substr(0, size));
        ASSERT_FALSE(Snapshot::read(path_)) << size;
    }
    put(whole + "x");
    EXPECT_FALSE(Snapshot::read(path_));
    put(whole);
    EXPECT_TRUE(Snapshot::read(path_));
}

TEST_F(SnapshotTest, WithAnyBitChangedItIsRefused) {
    write();
    const std::string whole = text();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        put(changed);
        ASSERT_FALSE(Snapshot::read(path_)) << at;
    }
}

TEST_F(SnapshotTest, WhatOthersMayWriteIsRefused) {
    write();
    for (const mode_t mode : {0620, 0602, 0666}) {
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
        const auto snapshot = Snapshot::read(path_);
        ASSERT_FALSE(snapshot);
        EXPECT_NE(snapshot.error().message.find("forged"), std::string::npos);
    }
    EXPECT_FALSE(Snapshot::read(directory_)) << "a directory";
    EXPECT_FALSE(Snapshot::read(directory_ / "missing"));
    const std::filesystem::path pipe = directory_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), S_IRUSR | S_IWUSR), 0);
    const auto of_pipe = Snapshot::read(pipe);
    ASSERT_FALSE(of_pipe) << "a pipe, which nobody waits for";
    EXPECT_NE(of_pipe.error().message.find("is not a regular file"), std::string::npos);
}

TEST_F(SnapshotTest, OfOthersThanRootAndThisUserItIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can be somebody else";
    }
    write();
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    std::filesystem::permissions(path_, std::filesystem::perms(0644));
    constexpr uid_t kSomebody = 65534;
    const auto is_read_by = [&](uid_t user) {
        EXPECT_EQ(::seteuid(user), 0);
        const bool is_read = Snapshot::read(path_).ok();
        EXPECT_EQ(::seteuid(0), 0);
        return is_read;
    };
    EXPECT_TRUE(is_read_by(kSomebody)) << "root's";
    ASSERT_EQ(::chown(path_.c_str(), kSomebody, static_cast<gid_t>(-1)), 0);
    EXPECT_TRUE(is_read_by(kSomebody)) << "his own";
    EXPECT_FALSE(is_read_by(0));
    EXPECT_FALSE(is_read_by(kSomebody - 1));
}

TEST_F(SnapshotTest, ARecordWhoseTimeHasComeIsNotTakenUp) {
    write();
    Zone zone = memory_.make_zone();
    const Instant end{kWritten.unix_time + 100, kWritten.monotonic};
    const SnapshotCount count = Snapshot::read(path_)->restore(zone, end);
    EXPECT_EQ(count.credentials, 0U);
    EXPECT_EQ(count.grants, 0U);
}

// What a snapshot begins with: magic, format and sizes of records.
TEST_F(SnapshotTest, OfAnotherVersionItIsRefused) {
    write();
    const std::string whole = content();
    put_whole(whole);
    ASSERT_TRUE(Snapshot::read(path_));
    for (std::size_t at = 0; at < 16; ++at) {
        std::string other = whole;
        ++other[at];
        expect_other_version(other);
    }
}

TEST_F(SnapshotTest, WithoutAllOfItsRecordsItIsRefused) {
    write();
    const std::string whole = content();
    for (std::size_t size = kHeaderSize + kTagSize; size < whole.size(); ++size) {
        expect_other_version(whole.substr(0, size));
    }
    expect_other_version(whole + std::string(1, '\0'));
    for (const std::size_t tag : {kHeaderSize, kHeaderSize + kTagSize + sizeof(CredentialRecord)}) {
        std::string unknown = whole;
        unknown[tag] = 3;
        expect_other_version(unknown);
    }
    put_whole(whole.substr(0, kHeaderSize) + std::string(kTagSize, '\0'));
    EXPECT_TRUE(Snapshot::read(path_)) << "none were written";
}

TEST_F(SnapshotTest, OfAMomentThatNoClockShowsItIsRefused) {
    write();
    std::string later = content();
    later.replace(kHeaderSize - 8, 4, 4, '\xff');
    put_whole(later);
    EXPECT_TRUE(Snapshot::read(path_)) << "the last one that it shows";
    later[kHeaderSize - 4] = 1;
    put_whole(later);
    const auto snapshot = Snapshot::read(path_);
    ASSERT_FALSE(snapshot);
    EXPECT_NE(snapshot.error().message.find("when no clock was"), std::string::npos);
}

TEST_F(SnapshotTest, ARecordWithoutAKeyIsNotTakenUp) {
    write();
    std::string keyless = content();
    keyless.replace(kHeaderSize + kTagSize + offsetof(RecordHeader, key), sizeof(Digest),
                    sizeof(Digest), '\0');
    put_whole(keyless);
    Zone zone = memory_.make_zone();
    const SnapshotCount count = Snapshot::read(path_)->restore(zone, kWritten);
    EXPECT_EQ(count.credentials, 0U);
    EXPECT_EQ(count.grants, 1U);
}

TEST_F(SnapshotTest, APlaceThatCannotBeReplacedIsLeftAlone) {
    std::filesystem::create_directory(path_);
    const auto failed = write_snapshot(memory_.make_zone(), path_, kWritten);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("cannot be replaced"), std::string::npos);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(SnapshotTest, WrittenWhenNoClockWasItIsRefused) {
    ASSERT_TRUE(write_snapshot(memory_.make_zone(), path_, {0, kWritten.monotonic}));
    EXPECT_TRUE(Snapshot::read(path_)) << "a clock that was never set";
    const Instant before_1970{-1, kWritten.monotonic};
    ASSERT_TRUE(write_snapshot(memory_.make_zone(), path_, before_1970));
    const auto snapshot = Snapshot::read(path_);
    ASSERT_FALSE(snapshot);
    EXPECT_NE(snapshot.error().message.find("when no clock was"), std::string::npos);
}

// As on a disk that is full.
TEST_F(SnapshotTest, AnOldOneStaysWhereANewOneFindsNoRoom) {
    write();
    const std::string before = text();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{before.size() / 2, limit.rlim_max};
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto failed = write_snapshot(Zone::attach(memory_.bytes()).value(), path_, kWritten);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("cannot be written"), std::string::npos);
    EXPECT_EQ(text(), before);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(SnapshotTest, AFailureLeavesTheOldOne) {
    write();
    const std::string before = text();
    const auto failed = write_snapshot(memory_.make_zone(), directory_ / "missing" / "x", kWritten);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("cannot be created"), std::string::npos);
    EXPECT_EQ(text(), before);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

}  // namespace
}  // namespace ipfence::snapshot_test
