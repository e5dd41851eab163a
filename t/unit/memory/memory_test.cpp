#include "engine/memory/memory.hpp"

#include <gtest/gtest.h>

#include <string>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::memory_test {
namespace {

constexpr Seconds kNow = 5000;
using State = SessionMemory::State;

class MemoryTest : public testing::Test {
  protected:
    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();

    void remember_grant(std::uint64_t number, const GrantRecord &record, Seconds lifetime = 1000) {
        EXPECT_EQ(
            memory_.remember_grant(digest_of(number), record, lifetime, Standing::learned, kNow),
            Stored::stored);
    }
    void remember(std::uint64_t key, std::uint64_t grant_number, Seconds lifetime = 1000) {
        EXPECT_EQ(memory_.remember({.kind = CredentialKind::access_token,
                                    .key = digest_of(key),
                                    .grant = digest_of(grant_number),
                                    .lifetime = lifetime},
                                   1, kNow),
                  Stored::stored);
    }
    State session_state(std::uint64_t session, std::size_t *count = nullptr, Seconds now = kNow) {
        SessionMemory memory;
        memory_.recall_session(digest_of(session), now, memory);
        if (count != nullptr) {
            *count = memory.count;
        }
        return memory.state;
    }
    void bind(std::uint64_t session, std::uint64_t grant_number, Seconds lifetime = 1000) {
        memory_.bind_session(digest_of(session), digest_of(grant_number), 1, lifetime, kNow);
    }
};

TEST_F(MemoryTest, ACredentialLeadsToItsGrant) {
    remember_grant(1, grant("web", "alice", 3));
    remember(10, 1);
    const auto remembered = memory_.recall(digest_of(10), kNow);
    ASSERT_TRUE(remembered);
    EXPECT_EQ(remembered->grant.app(), "web");
    EXPECT_EQ(remembered->grant.user(), "alice");
    EXPECT_EQ(remembered->grant.flow(), 3);
    EXPECT_FALSE(memory_.recall(digest_of(11), kNow));
}

// I24: one secret of two providers, wherever it stands, is two; and one on every node of a
// provider.
TEST_F(MemoryTest, EachProviderHasDigestsOfItsOwn) {
    const auto digest = [this](std::string_view provider, Role role) {
        return Memory::on(memory_.zone(), provider)->digest(role, "scope", "text").value();
    };
    for (const Role role : {Role::code, Role::token, Role::session, Role::grant}) {
        EXPECT_EQ(digest("", role), memory_.digest(role, "scope", "text"));
        EXPECT_EQ(digest("", role),
                  KeyedDigest(memory_.zone().key()).digest(role, "scope", "text"));
        EXPECT_EQ(digest("staff", role), digest("staff", role));
        EXPECT_NE(digest("staff", role), digest("", role));
        EXPECT_NE(digest("staff", role), digest("partner", role));
    }
}

TEST_F(MemoryTest, WithoutItsGrantACredentialIsUnknown) {
    remember(10, 1);
    EXPECT_FALSE(memory_.recall(digest_of(10), kNow));
}

// What it was of, nobody can say any more.
TEST_F(MemoryTest, ACredentialLosesItsGrantByItsEndOrWhenItIsForgotten) {
    EXPECT_FALSE(memory_.has_lost_grant(digest_of(10), kNow)) << "it is not there itself";
    remember(10, 1, 2000);
    EXPECT_TRUE(memory_.has_lost_grant(digest_of(10), kNow));
    remember_grant(1, grant("web", "alice"), 1000);
    EXPECT_FALSE(memory_.has_lost_grant(digest_of(10), kNow));
    EXPECT_TRUE(memory_.has_lost_grant(digest_of(10), kNow + 1000));
    EXPECT_FALSE(memory_.has_lost_grant(digest_of(10), kNow + 2000));
    memory_.forget_grant(digest_of(1), kNow);
    EXPECT_TRUE(memory_.has_lost_grant(digest_of(10), kNow));
}

TEST_F(MemoryTest, AForgottenGrantIsSaidAsWhatItWas) {
    EXPECT_FALSE(memory_.forgotten_grant(digest_of(10), kNow));
    remember(10, 1);
    EXPECT_FALSE(memory_.forgotten_grant(digest_of(10), kNow));
    remember_grant(1, grant("web", "alice"));
    EXPECT_FALSE(memory_.forgotten_grant(digest_of(10), kNow));
    memory_.forget_grant(digest_of(1), kNow);
    const auto forgotten = memory_.forgotten_grant(digest_of(10), kNow);
    ASSERT_TRUE(forgotten);
    EXPECT_EQ(forgotten->user(), "alice");
}

TEST_F(MemoryTest, AGrantIsItsUsersElseItsAppsUnlessAnOwnerIsGiven) {
    const auto owner_of = [&](const GrantRecord &record) {
        remember_grant(1, record);
        remember(10, 1);
        return memory_.recall(digest_of(10), kNow)->grant.header.owner;
    };
    const std::uint32_t alice = memory_.owner_of("alice", "");
    EXPECT_EQ(owner_of(grant("web", "alice")), alice);
    EXPECT_EQ(owner_of(grant("mail", "alice")), alice);
    EXPECT_NE(owner_of(grant("web", "")), alice);
    EXPECT_EQ(owner_of(grant("web", "")), memory_.owner_of("", "web"));
    EXPECT_NE(owner_of(grant("web", "")), owner_of(grant("mail", "")));
    GrantRecord given = grant("web", "alice");
    given.header.owner = RecordHeader::kNobody;
    EXPECT_EQ(owner_of(given), RecordHeader::kNobody);
}

TEST_F(MemoryTest, ACredentialSaysWhetherItWasRefreshed) {
    remember_grant(1, grant("web", "alice"));
    for (const bool refreshed : {false, true}) {
        memory_.remember({.kind = CredentialKind::refresh_token,
                          .key = digest_of(10),
                          .grant = digest_of(1),
                          .lifetime = 100,
                          .refreshed = refreshed},
                         1, kNow);
        EXPECT_EQ(memory_.recall(digest_of(10), kNow)->credential.refreshed(), refreshed);
    }
}

TEST_F(MemoryTest, WhatIsLearnedLaterIsKnownToAll) {
    remember_grant(1, grant("web", ""));
    remember(10, 1);
    remember(11, 1);
    EXPECT_TRUE(memory_.change_grant(
        digest_of(1), 0, kNow, [](GrantRecord &record) { record.set_names("web", "alice", "p"); }));
    EXPECT_EQ(memory_.recall(digest_of(10), kNow)->grant.user(), "alice");
    EXPECT_EQ(memory_.recall(digest_of(11), kNow)->grant.profile(), "p");
    EXPECT_FALSE(memory_.change_grant(digest_of(2), 0, kNow, [](GrantRecord &) {}));
}

TEST_F(MemoryTest, AForgottenGrantTakesItsFamilyWithIt) {
    remember_grant(1, grant("web", "alice"));
    remember(10, 1);
    remember(11, 1);
    bind(50, 1);
    memory_.forget_grant(digest_of(1), kNow);
    EXPECT_FALSE(memory_.recall(digest_of(10), kNow));
    EXPECT_FALSE(memory_.recall(digest_of(11), kNow));
    EXPECT_EQ(session_state(50), State::known) << "the session stays as restricted as it was";
}

TEST_F(MemoryTest, LifetimesEndAndAreBounded) {
    remember_grant(1, grant("web", "alice"), Memory::kMaxLifetime);
    remember(10, 1, 10);
    EXPECT_TRUE(memory_.recall(digest_of(10), kNow + 9));
    EXPECT_FALSE(memory_.recall(digest_of(10), kNow + 10));
    remember(11, 1, UINT32_MAX);
    EXPECT_TRUE(memory_.recall(digest_of(11), kNow + Memory::kMaxLifetime - 1));
    EXPECT_FALSE(memory_.recall(digest_of(11), kNow + Memory::kMaxLifetime));
    remember(12, 1, 500);
    memory_.shorten(digest_of(12), 5, kNow);
    EXPECT_FALSE(memory_.recall(digest_of(12), kNow + 5));
    memory_.shorten(digest_of(12), 500, kNow);
    EXPECT_FALSE(memory_.recall(digest_of(12), kNow + 5)) << "shortening never lengthens";
}

TEST_F(MemoryTest, NamesThatDoNotFitChangeNothing) {
    GrantRecord record = grant("web", "alice");
    EXPECT_FALSE(record.set_names(std::string(100, 'a'), std::string(77, 'b'), ""));
    EXPECT_EQ(record.user(), "alice");
    EXPECT_TRUE(record.set_names(std::string(100, 'a'), std::string(76, 'b'), ""));
    EXPECT_EQ(record.user(), std::string(76, 'b'));
    EXPECT_TRUE(record.set_names(record.user(), record.app(), "")) << "views on the record itself";
    EXPECT_EQ(record.app(), std::string(76, 'b'));
    EXPECT_FALSE(record.set_names("", "", std::string(177, 'p')));
    EXPECT_TRUE(record.set_names("", "", std::string(176, 'p')));
    EXPECT_TRUE(record.set_names(std::string(176, 'a'), "", ""));
    EXPECT_TRUE(record.set_names("", std::string(176, 'u'), ""));
    EXPECT_FALSE(record.set_names("a", std::string(175, 'b'), "c"));
    EXPECT_EQ(record.user(), std::string(176, 'u'));
    record.app_size = 255;
    record.user_size = 255;
    EXPECT_EQ(record.user(), "") << "a damaged record leads nowhere";
}

TEST_F(MemoryTest, WhoABrowserIsKnownToBeStandsWhereAClaimedProfileWould) {
    GrantRecord record;
    ASSERT_TRUE(record.set_names("web", "", "alice"));
    EXPECT_EQ(record.undecided_users(), "alice");
    record.set(GrantRecord::kProfileClaimed, true);
    EXPECT_EQ(record.undecided_users(), "");
    EXPECT_EQ(record.profile(), "alice");
}

TEST_F(MemoryTest, AddressesComeBack) {
    for (const char *text : {"192.0.2.1", "2001:db8::1", "0.0.0.0", "::"}) {
        GrantRecord record;
        record.set_address(Address::parse(text));
        EXPECT_EQ(record.address(), Address::parse(text)) << text;
        record.set_address(std::nullopt);
        EXPECT_EQ(record.address(), std::nullopt);
    }
}

TEST_F(MemoryTest, ASessionKeepsAllThatItReceived) {
    EXPECT_EQ(session_state(50), State::unknown);
    for (std::uint64_t number = 1; number <= 3; ++number) {
        remember_grant(number, grant("app" + std::to_string(number), "alice"));
        bind(50, number);
    }
    std::size_t count = 0;
    EXPECT_EQ(session_state(50, &count), State::known);
    EXPECT_EQ(count, 3U);
}

TEST_F(MemoryTest, ASessionThatLostAGrantIsLost) {
    remember_grant(1, grant("web", "alice"));
    bind(50, 1);
    bind(50, 2);  // of a grant that is not there
    EXPECT_EQ(session_state(50), State::lost);
    remember_grant(3, grant("web", "alice"));
    bind(51, 3);
    memory_.forget(part_of(digest_of(51), 0));
    EXPECT_EQ(session_state(51), State::lost);
}

TEST_F(MemoryTest, AlikeGrantsShareAPlaceAndTooManyOthersLoseTheSession) {
    for (std::uint64_t number = 1; number <= 40; ++number) {
        remember_grant(number, grant("web", "alice"));
        bind(50, number);
    }
    EXPECT_EQ(session_state(50), State::known);
    for (std::uint64_t number = 100; number < 100 + SessionMemory::kMaxGrants + 1; ++number) {
        remember_grant(number, grant("app" + std::to_string(number), "alice"));
        bind(51, number);
    }
    EXPECT_EQ(session_state(51), State::lost);
}

TEST_F(MemoryTest, ASessionAndItsGrantsLiveEquallyLong) {
    remember_grant(1, grant("web", "alice"), 10);
    bind(50, 1, 100);
    remember_grant(2, grant("web2", "alice"), 10);
    bind(50, 2, 1000);
    EXPECT_EQ(session_state(50, nullptr, kNow + 999), State::known);
    EXPECT_EQ(session_state(50, nullptr, kNow + 1000), State::unknown);
}

TEST_F(MemoryTest, AForgottenSessionTakesItsFamiliesWithIt) {
    remember_grant(1, grant("web", "alice"));
    remember(10, 1);
    bind(50, 1);
    memory_.forget_session(digest_of(50), kNow);
    EXPECT_EQ(session_state(50), State::unknown);
    EXPECT_FALSE(memory_.recall(digest_of(10), kNow));
}

TEST_F(MemoryTest, AForgottenSessionLeavesWhatOutlivesALogout) {
    GrantRecord offline = grant("mobile", "alice", 3);
    offline.set_outlives_logout(true);
    EXPECT_EQ(offline.flow(), 3);
    offline.set_outlives_logout(false);
    EXPECT_FALSE(offline.outlives_logout());
    offline.set_outlives_logout(true);
    offline.set_flow(3);
    EXPECT_TRUE(offline.outlives_logout());
    remember_grant(1, offline);
    remember_grant(2, grant("web", "alice", 3));
    remember(10, 1);
    remember(20, 2);
    bind(50, 1);
    bind(50, 2);
    memory_.forget_session(digest_of(50), kNow);
    EXPECT_EQ(session_state(50), State::unknown);
    EXPECT_TRUE(memory_.recall(digest_of(10), kNow));
    EXPECT_FALSE(memory_.recall(digest_of(20), kNow));
    memory_.forget_grant(digest_of(1), kNow);
    EXPECT_FALSE(memory_.recall(digest_of(10), kNow)) << "revocation does not";
}

}  // namespace
}  // namespace ipfence::memory_test
