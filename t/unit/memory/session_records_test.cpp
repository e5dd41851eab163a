// What the records of a browser session say: whose it is, and what others are told of it.

#include <gtest/gtest.h>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::session_records_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr Seconds kLifetime = 1000;
constexpr std::uint32_t kAlice = 7;
constexpr std::uint32_t kBob = 8;
constexpr std::uint32_t kNobody = RecordHeader::kNobody;
const Digest kSession = digest_of(50);

class SessionRecords : public testing::Test {
  protected:
    void bind(std::uint64_t number, std::uint32_t owner) {
        memory_.remember_grant(digest_of(number), grant("web", ""), kLifetime, Standing::learned,
                               kNow);
        memory_.bind_session(kSession, digest_of(number), owner, kLifetime, kNow);
    }
    std::optional<CredentialRecord> record(const Digest &key) const {
        return memory_.zone().credentials().find<CredentialRecord>(key, kNow);
    }
    std::uint32_t owner_of_place(unsigned index) const {
        return record(part_of(kSession, index)).value().header.owner;
    }
    std::uint32_t owner() const { return memory_.owner_of_session(kSession, kNow); }
    std::uint32_t times_changed() { return memory_.zone().trust().changes_of(kSession); }

    ZoneMemory zone_memory_;
    mutable Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
};

TEST_F(SessionRecords, AreOfTheFirstOwnerThatIsSomebody) {
    bind(1, kNobody);
    EXPECT_EQ(owner(), kNobody);
    bind(2, kAlice);
    EXPECT_EQ(owner(), kAlice);
    bind(3, kBob);
    EXPECT_EQ(owner(), kAlice);
}

TEST_F(SessionRecords, APlaceIsItsGrantsOwnersElseTheSessions) {
    bind(1, kAlice);
    bind(2, kBob);
    bind(3, kNobody);
    EXPECT_EQ(owner_of_place(0), kAlice);
    EXPECT_EQ(owner_of_place(1), kBob);
    EXPECT_EQ(owner_of_place(2), kAlice);
}

TEST_F(SessionRecords, WhatIsNoSessionIsUnknownAsOne) {
    memory_.remember({.key = kSession, .grant = digest_of(1), .lifetime = kLifetime}, kAlice, kNow);
    SessionMemory session;
    memory_.recall_session(kSession, kNow, session);
    EXPECT_EQ(session.state, SessionMemory::State::unknown);
    EXPECT_EQ(owner(), kNobody);
}

// A reader of the store that has asked before must not trust what it is told.
TEST_F(SessionRecords, ChangeForOthersWhereTheyAreToBeTold) {
    const std::uint32_t before = times_changed();
    bind(1, kAlice);
    EXPECT_EQ(times_changed(), before) << "what a store has said is taken up like this";
    Changes changes;
    const ChangesScope scope(memory_, changes);
    bind(2, kBob);
    EXPECT_EQ(times_changed(), before + 1);
    ASSERT_EQ(changes.bound().size(), 1U);
    EXPECT_EQ(changes.bound()[0].session, kSession);
    EXPECT_EQ(changes.bound()[0].grant, digest_of(2));
    EXPECT_EQ(changes.bound()[0].expires, kNow + kLifetime);
    EXPECT_EQ(changes.bound()[0].owner, kBob);
}

TEST_F(SessionRecords, AreGoneAfterALogout) {
    bind(1, kAlice);
    memory_.forget_session(kSession, kNow);
    EXPECT_FALSE(record(kSession));
    EXPECT_FALSE(record(part_of(kSession, 0)));
}

TEST_F(SessionRecords, AreNotBegunByARenewal) {
    const auto renew = [this](std::uint64_t number, Seconds lifetime) {
        return memory_.bind_session(kSession, digest_of(number), kAlice, lifetime, kNow,
                                    Memory::Source::renewal);
    };
    bind(1, kAlice);
    EXPECT_EQ(renew(1, 2 * kLifetime), Stored::stored);
    EXPECT_EQ(record(kSession)->header.expires, kNow + 2 * kLifetime);
    EXPECT_EQ(record(part_of(kSession, 0))->header.expires, kNow + 2 * kLifetime);
    renew(2, 3 * kLifetime);
    EXPECT_EQ(record(kSession)->header.count, 1) << "of what it has not received";
    memory_.forget_session(kSession, kNow);
    renew(1, kLifetime);
    EXPECT_FALSE(record(kSession)) << "it was logged out meanwhile";
}

TEST_F(SessionRecords, SayThatTheStoreMayStillKnowItAfterALogout) {
    bind(1, kAlice);
    Changes changes;
    const ChangesScope scope(memory_, changes);
    const std::uint32_t before = times_changed();
    memory_.forget_session(kSession, kNow);
    const auto left = record(kSession);
    ASSERT_TRUE(left);
    EXPECT_EQ(left->header.flags, CredentialRecord::kLoggedOut);
    EXPECT_EQ(left->header.count, 0);
    EXPECT_FALSE(record(part_of(kSession, 0)));
    EXPECT_NE(times_changed(), before);
    ASSERT_EQ(changes.forgotten_sessions().size(), 1U);
    EXPECT_EQ(changes.forgotten_sessions()[0], kSession);
}

}  // namespace
}  // namespace ipfence::session_records_test
