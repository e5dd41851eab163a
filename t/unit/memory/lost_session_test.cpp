// A session whose own record is gone, torn or evicted, is never less restricted than before (I8).

#include <gtest/gtest.h>

#include <string>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::lost_session_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr Seconds kLifetime = 1000;
constexpr std::uint64_t kStrict = 1;
constexpr std::uint64_t kOther = 2;
constexpr std::uint64_t kRelaxed = 100;
const Digest kSession = digest_of(50);

using State = SessionMemory::State;

class LostSession : public testing::Test {
  protected:
    void bind(std::uint64_t number, const Digest &session = kSession, Seconds now = kNow) {
        memory_.remember_grant(digest_of(number), grant("app" + std::to_string(number), "alice"),
                               kLifetime, Standing::learned, now);
        memory_.bind_session(session, digest_of(number), 1, kLifetime, now);
    }
    void bind_all(std::size_t count) {
        for (std::uint64_t number = 1; number <= count; ++number) {
            bind(number);
        }
    }
    void evict(const Digest &key) { memory_.zone().credentials().remove(key); }
    State state(const Digest &session = kSession, Seconds now = kNow) {
        memory_.recall_session(session, now, session_);
        return session_.state;
    }
    bool is_known(std::uint64_t token) {
        return memory_.recall(digest_of(token), kNow).has_value();
    }
    void remember_token(std::uint64_t token, std::uint64_t number) {
        memory_.remember(
            {.key = digest_of(token), .grant = digest_of(number), .lifetime = kLifetime}, 1, kNow);
        ASSERT_TRUE(is_known(token));
    }
    // The only thing that it has received is this.
    void expect_new(std::uint64_t number, const Digest &session = kSession, Seconds now = kNow) {
        ASSERT_EQ(state(session, now), State::known);
        ASSERT_EQ(session_.count, 1U);
        EXPECT_EQ(session_.grants()[0].header.key, digest_of(number));
    }

    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
    SessionMemory session_;
};

TEST_F(LostSession, IsNotKnownByWhatItReceivesAfterItsRecordWasTorn) {
    bind(kStrict);
    bind(kOther);
    ASSERT_TRUE(zone_memory_.tear(kSession));
    EXPECT_EQ(state(), State::unknown);
    bind(kRelaxed);
    EXPECT_EQ(state(), State::lost);
    bind(kRelaxed + 1);
    EXPECT_EQ(state(), State::lost);
}

TEST_F(LostSession, IsNotKnownByWhatItReceivesAfterItsRecordWasEvicted) {
    bind(kStrict);
    evict(kSession);
    EXPECT_EQ(state(), State::unknown);
    bind(kRelaxed);
    EXPECT_EQ(state(), State::lost);
}

TEST_F(LostSession, IsLostByAnyGrantThatIsLeftOfIt) {
    for (unsigned left = 0; left < SessionMemory::kMaxGrants; ++left) {
        bind_all(SessionMemory::kMaxGrants);
        ASSERT_EQ(state(), State::known);
        evict(kSession);
        for (unsigned index = 0; index < SessionMemory::kMaxGrants; ++index) {
            if (index != left) {
                evict(part_of(kSession, index));
            }
        }
        bind(kRelaxed);
        EXPECT_EQ(state(), State::lost) << left;
        memory_.forget_session(kSession, kNow);
    }
}

TEST_F(LostSession, IsLostAlsoWhenWhatItReceivedFirstHasExpired) {
    constexpr Seconds kLater = kNow + 20;
    bind(kStrict);
    bind(kOther);
    memory_.shorten(part_of(kSession, 0), 10, kNow);
    evict(kSession);
    bind(kRelaxed, kSession, kLater);
    EXPECT_EQ(state(kSession, kLater), State::lost);
}

TEST_F(LostSession, IsLostForAsLongAsItLivesAndNewAfterwards) {
    bind(kStrict);
    evict(kSession);
    bind(kRelaxed);
    constexpr Seconds kEnd = kNow + kLifetime;
    EXPECT_EQ(state(kSession, kEnd - 1), State::lost);
    EXPECT_EQ(state(kSession, kEnd), State::unknown);
    bind(kOther, kSession, kEnd);
    expect_new(kOther, kSession, kEnd);
}

TEST_F(LostSession, KeepsItsPlacesAndTakesNoMoreThanThereAre) {
    bind_all(SessionMemory::kMaxGrants);
    evict(kSession);
    for (std::uint64_t number = 0; number < 2; ++number) {
        bind(kRelaxed + number);
        EXPECT_EQ(state(), State::lost);
    }
    EXPECT_EQ(memory_.zone().credentials().find<CredentialRecord>(kSession, kNow)->header.count,
              SessionMemory::kMaxGrants);
    for (unsigned index = 0; index < SessionMemory::kMaxGrants; ++index) {
        const auto place =
            memory_.zone().credentials().find<CredentialRecord>(part_of(kSession, index), kNow);
        ASSERT_TRUE(place);
        EXPECT_EQ(place->grant, digest_of(index + 1));
    }
}

TEST_F(LostSession, GivesBackNoPlaceByWhichItIsLost) {
    bind_all(SessionMemory::kMaxGrants);
    evict(part_of(kSession, 3));
    ASSERT_EQ(state(), State::lost);
    bind(kRelaxed);
    EXPECT_EQ(state(), State::lost);
    bind(kRelaxed);
    EXPECT_EQ(state(), State::lost);
}

TEST_F(LostSession, IsForgottenWithTheFamiliesOfAllThatIsLeft) {
    constexpr std::uint64_t kTokens = 1000;
    bind(kStrict);
    bind(kOther);
    ASSERT_TRUE(zone_memory_.tear(kSession));
    bind(kRelaxed);
    for (const std::uint64_t number : {kStrict, kOther, kRelaxed}) {
        remember_token(kTokens + number, number);
    }
    memory_.forget_session(kSession, kNow);
    for (const std::uint64_t number : {kStrict, kOther, kRelaxed}) {
        EXPECT_FALSE(is_known(kTokens + number)) << number;
    }
    EXPECT_EQ(state(), State::unknown);
}

TEST_F(LostSession, IsNewOnceAllOfItHasExpired) {
    constexpr Seconds kEnd = kNow + kLifetime;
    bind(kStrict);
    bind(kOther);
    bind(kRelaxed, kSession, kEnd);
    expect_new(kRelaxed, kSession, kEnd);
}

TEST_F(LostSession, IsNewOnceAllOfItWasForgotten) {
    bind(kStrict);
    bind(kOther);
    memory_.forget_session(kSession, kNow);
    bind(kRelaxed);
    expect_new(kRelaxed);
}

TEST_F(LostSession, IsNewOnceItWasForgottenWithoutItsRecord) {
    bind(kStrict);
    bind(kOther);
    ASSERT_TRUE(zone_memory_.tear(kSession));
    memory_.forget_session(kSession, kNow);
    bind(kRelaxed);
    expect_new(kRelaxed);
}

TEST_F(LostSession, IsNewOnceTheStoreIsToForgetIt) {
    Changes changes;
    const ChangesScope scope(memory_, changes);
    for (const bool is_torn : {false, true}) {
        bind(kStrict);
        bind(kOther);
        if (is_torn) {
            ASSERT_TRUE(zone_memory_.tear(kSession));
        }
        memory_.forget_session(kSession, kNow);
        bind(kRelaxed);
        expect_new(kRelaxed);
        memory_.forget_session(kSession, kNow);
    }
}

TEST_F(LostSession, LeavesOthersAlone) {
    const Digest before = digest_of(51);
    const Digest after = digest_of(52);
    bind(kStrict);
    bind(kOther, before);
    ASSERT_TRUE(zone_memory_.tear(kSession));
    bind(kRelaxed);
    bind(kRelaxed, after);
    expect_new(kOther, before);
    expect_new(kRelaxed, after);
}

TEST_F(LostSession, IsToldByWhatIsLeftOfIt) {
    EXPECT_FALSE(memory_.has_remains(kSession, kNow));
    bind(kStrict);
    evict(kSession);
    EXPECT_TRUE(memory_.has_remains(kSession, kNow));
    EXPECT_FALSE(memory_.has_remains(kSession, kNow + kLifetime));
    memory_.forget_session(kSession, kNow);
    EXPECT_FALSE(memory_.has_remains(kSession, kNow));
}

}  // namespace
}  // namespace ipfence::lost_session_test
