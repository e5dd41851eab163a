#include "engine/store/near_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::near_cache_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr Seconds kExpires = kNow + 1000;
using Answer = NearCache::Answer;
using Kind = StoreEvent::Kind;

const Digest kToken = digest_of(10);
const Digest kGrant = digest_of(1);
const Digest kSession = digest_of(50);

GrantRecord stored_grant(const Digest &key = kGrant, std::string_view user = "alice",
                         std::string_view app = "web") {
    GrantRecord record = grant(app, user);
    record.header.key = key;
    record.header.expires = kExpires;
    return record;
}

CredentialRecord stored_credential(const Digest &key = kToken, const Digest &grant = kGrant) {
    CredentialRecord record;
    record.header.key = key;
    record.header.expires = kExpires;
    record.header.kind = static_cast<std::uint8_t>(CredentialKind::access_token);
    record.grant = grant;
    return record;
}

GrantRecord forgotten(GrantRecord record) {
    record.set(GrantRecord::kForgotten, true);
    return record;
}

class NearCacheTest : public testing::Test {
  protected:
    NearCacheTest() { cache_.renew(kNow); }

    void keep_grant(const GrantRecord &record = stored_grant()) {
        cache_.keep(record, cache_.begin_reading(record.header.key), kNow);
    }
    void keep_credential(const CredentialRecord &record = stored_credential()) {
        cache_.keep(record, cache_.begin_reading(record.header.key), kNow);
    }
    void keep_session(std::vector<GrantRecord> grants) {
        cache_.keep_session(kSession, grants, kExpires, cache_.begin_reading(kSession), kNow);
    }
    Answer recall(Seconds now = kNow) { return cache_.recall(kToken, now, remembered_); }
    Answer recall_session(Seconds now = kNow) {
        return cache_.recall_session(kSession, now, session_);
    }

    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
    NearCache cache_{memory_};
    std::optional<Remembered> remembered_;
    SessionMemory session_;
};

TEST_F(NearCacheTest, TrustsWhatTheStoreAnsweredForAsLongAsTheLeaseHolds) {
    EXPECT_EQ(recall(), Answer::must_ask);
    keep_grant();
    EXPECT_EQ(recall(), Answer::must_ask);
    keep_credential();
    EXPECT_EQ(recall(), Answer::known);
    EXPECT_EQ(remembered_->grant.user(), "alice");
    EXPECT_EQ(recall(kNow + NearCache::kLease - 1), Answer::known);
    EXPECT_EQ(recall(kNow + NearCache::kLease), Answer::must_ask);
    cache_.renew(kNow + NearCache::kLease);
    EXPECT_EQ(recall(kNow + NearCache::kLease), Answer::known);
    EXPECT_EQ(recall(kExpires), Answer::must_ask);
}

TEST_F(NearCacheTest, DoesNotTrustWhatThisMachineWroteByItself) {
    memory_.remember_grant(kGrant, grant("web", "alice"), 1000, Standing::learned, kNow);
    memory_.remember({.key = kToken, .grant = kGrant, .lifetime = 1000}, 1, kNow);
    EXPECT_TRUE(memory_.recall(kToken, kNow));
    EXPECT_EQ(recall(), Answer::must_ask);
}

TEST_F(NearCacheTest, AfterAGapEverythingIsReadAgain) {
    keep_grant();
    keep_credential();
    keep_session({stored_grant()});
    EXPECT_EQ(recall_session(), Answer::known);
    cache_.distrust();
    EXPECT_FALSE(cache_.is_trusting(kNow));
    cache_.renew(kNow);
    EXPECT_EQ(recall(), Answer::must_ask);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_credential();
    EXPECT_EQ(recall(), Answer::must_ask);
    keep_grant();
    EXPECT_EQ(recall(), Answer::known);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_session({stored_grant()});
    EXPECT_EQ(recall_session(), Answer::known);
}

TEST_F(NearCacheTest, AnAnswerFromBeforeAGapIsNotKept) {
    const auto credential = cache_.begin_reading(kToken);
    const auto grant_reading = cache_.begin_reading(kGrant);
    const auto session = cache_.begin_reading(kSession);
    cache_.distrust();
    cache_.renew(kNow);
    cache_.keep(stored_credential(), credential, kNow);
    EXPECT_EQ(cache_.keep(stored_grant(), grant_reading, kNow).user(), "alice");
    cache_.keep_session(kSession, std::vector{stored_grant()}, kExpires, session, kNow);
    EXPECT_EQ(recall(), Answer::must_ask);
    EXPECT_EQ(recall_session(), Answer::must_ask);
}

// An answer that left the store before the change, and arrives after the event.
TEST_F(NearCacheTest, AnAnswerThatAnEventOvertookIsUsedAndNotKept) {
    for (const Kind kind : {Kind::grant_changed, Kind::grant_forgotten}) {
        keep_credential();
        const auto reading = cache_.begin_reading(kGrant);
        cache_.apply({kind, kGrant}, kNow);
        EXPECT_FALSE(cache_.keep(stored_grant(), reading, kNow).has(GrantRecord::kForgotten));
        EXPECT_EQ(recall(), Answer::must_ask);
    }
    keep_grant();
    const auto reading = cache_.begin_reading(kToken);
    cache_.apply({Kind::credential_forgotten, kToken}, kNow);
    cache_.keep(stored_credential(), reading, kNow);
    EXPECT_EQ(recall(), Answer::must_ask);

    for (const Kind kind : {Kind::session_changed, Kind::session_forgotten}) {
        const auto session = cache_.begin_reading(kSession);
        cache_.apply({kind, kSession}, kNow);
        cache_.keep_session(kSession, std::vector{stored_grant()}, kExpires, session, kNow);
        EXPECT_EQ(recall_session(), Answer::must_ask);
    }
}

TEST_F(NearCacheTest, AForgottenGrantStaysForgottenWhateverAnswersLate) {
    keep_grant();
    keep_credential();
    const auto reading = cache_.begin_reading(kGrant);
    cache_.apply({Kind::grant_forgotten, kGrant}, kNow);
    EXPECT_EQ(recall(), Answer::unknown);
    EXPECT_TRUE(cache_.keep(stored_grant(), reading, kNow).has(GrantRecord::kForgotten));
    EXPECT_EQ(recall(), Answer::unknown);
    // Also one that was asked for after the event, of a replica that is behind.
    EXPECT_TRUE(cache_.keep(stored_grant(), cache_.begin_reading(kGrant), kNow)
                    .has(GrantRecord::kForgotten));
    EXPECT_EQ(recall(), Answer::unknown);
    cache_.distrust();
    cache_.renew(kNow);
    keep_credential();
    keep_grant();
    EXPECT_EQ(recall(), Answer::unknown);
}

// What this machine itself forgets while an answer is on its way.
TEST_F(NearCacheTest, AnAnswerThatForgettingOvertookIsNotKept) {
    keep_grant();
    const auto credential = cache_.begin_reading(kToken);
    memory_.forget(kToken);
    cache_.keep(stored_credential(), credential, kNow);
    EXPECT_EQ(recall(), Answer::must_ask);

    keep_session({stored_grant()});
    const auto session = cache_.begin_reading(kSession);
    memory_.forget_session(kSession, kNow);
    cache_.keep_session(kSession, std::vector{stored_grant()}, kExpires, session, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_credential();
    EXPECT_EQ(recall(), Answer::unknown);  // the family of what the session received
}

// The store still knows it until it was told.
TEST_F(NearCacheTest, ASessionThatWasLoggedOutHereIsNotAskedFor) {
    keep_grant();
    keep_session({stored_grant()});
    Changes changes;
    {
        const ChangesScope scope(memory_, changes);
        memory_.forget_session(kSession, kNow);
    }
    EXPECT_EQ(recall_session(), Answer::unknown);
    EXPECT_EQ(session_.state, SessionMemory::State::unknown);
    cache_.distrust();
    cache_.renew(kNow);
    cache_.apply({Kind::session_changed, kSession}, kNow);
    EXPECT_EQ(recall_session(), Answer::unknown);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.state, SessionMemory::State::unknown);

    cache_.apply({Kind::session_forgotten, kSession}, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
}

TEST_F(NearCacheTest, AnAnswerFromBeforeALogoutHereDoesNotUndoIt) {
    for (const bool was_known : {false, true}) {
        keep_grant();
        keep_session({stored_grant()});
        const auto reading = cache_.begin_reading(kSession);
        Changes changes;
        {
            const ChangesScope scope(memory_, changes);
            memory_.forget_session(kSession, kNow);
        }
        const GrantRecord other = was_known ? stored_grant() : stored_grant(digest_of(2));
        cache_.keep_session(kSession, std::vector{other}, kExpires, reading, kNow);
        EXPECT_EQ(recall_session(), Answer::unknown);
        memory_.recall_session(kSession, kNow, session_);
        EXPECT_EQ(session_.state, SessionMemory::State::unknown);
        // Also one that was asked for after the logout, and before the store had heard of it.
        keep_session({other});
        EXPECT_EQ(recall_session(), Answer::unknown);
        cache_.apply({Kind::session_forgotten, kSession}, kNow);
    }
}

TEST_F(NearCacheTest, ACookieThatIsUsedAgainAfterALogoutIsANewSession) {
    keep_session({stored_grant()});
    Changes changes;
    const ChangesScope scope(memory_, changes);
    memory_.forget_session(kSession, kNow);
    memory_.remember_grant(digest_of(2), grant("web", "robin"), 1000, Standing::learned, kNow);
    memory_.bind_session(kSession, digest_of(2), 1, 1000, kNow);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.state, SessionMemory::State::known);
    ASSERT_EQ(session_.count, 1U);
    EXPECT_EQ(session_.records[0].user(), "robin");
}

TEST_F(NearCacheTest, AChangeLeavesWhatIsKnownButUntrusted) {
    keep_grant();
    keep_credential();
    cache_.apply({Kind::grant_changed, kGrant}, kNow);
    EXPECT_EQ(recall(), Answer::must_ask);
    EXPECT_EQ(memory_.recall(kToken, kNow)->grant.user(), "alice");
    keep_grant(forgotten(stored_grant()));
    EXPECT_EQ(recall(), Answer::unknown);
}

TEST_F(NearCacheTest, AnswersAddToWhatThisMachineLearned) {
    keep_grant(stored_grant(kGrant, ""));
    keep_credential();
    memory_.change_grant(kGrant, 0, kNow,
                         [](GrantRecord &record) { record.set_names("web", "alice", ""); });
    EXPECT_EQ(recall(), Answer::known);
    cache_.apply({Kind::grant_changed, kGrant}, kNow);
    keep_grant(stored_grant(kGrant, ""));
    EXPECT_EQ(recall(), Answer::known);
    EXPECT_EQ(remembered_->grant.user(), "alice");
}

TEST_F(NearCacheTest, ASessionIsKnownWithAllThatItReceived) {
    const GrantRecord other = stored_grant(digest_of(2), "alice", "mobile");
    keep_grant();
    keep_session({stored_grant(), other});
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_grant(other);
    EXPECT_EQ(recall_session(), Answer::known);
    EXPECT_EQ(session_.count, 2U);
    cache_.apply({Kind::grant_changed, digest_of(2)}, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_grant(other);
    EXPECT_EQ(recall_session(), Answer::known);
    cache_.apply({Kind::session_changed, kSession}, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    keep_session({stored_grant(), other});
    EXPECT_EQ(recall_session(), Answer::known);
    cache_.apply({Kind::session_forgotten, kSession}, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.state, SessionMemory::State::unknown);
}

// What this machine has bound and the store does not know yet must not be lost by an answer.
TEST_F(NearCacheTest, AnAnswerTakesNothingFromASession) {
    const GrantRecord other = stored_grant(digest_of(2), "alice", "mobile");
    keep_grant();
    keep_grant(other);
    keep_session({stored_grant()});
    memory_.bind_session(kSession, digest_of(2), 1, 1000, kNow);
    keep_session({stored_grant()});
    EXPECT_EQ(recall_session(), Answer::must_ask);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.count, 2U);
    keep_session({stored_grant(), other});
    EXPECT_EQ(recall_session(), Answer::known);
    EXPECT_EQ(session_.count, 2U);
}

// Whoever replaces the cookie of a session takes over what memory knows of it, trusted or not.
TEST_F(NearCacheTest, AnAnswerThatAnEventOvertookStillAddsToASession) {
    keep_grant();
    const auto reading = cache_.begin_reading(kSession);
    cache_.apply({Kind::session_changed, kSession}, kNow);
    cache_.keep_session(kSession, std::vector{stored_grant()}, kExpires, reading, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.state, SessionMemory::State::known);
    EXPECT_EQ(session_.count, 1U);
}

// While this machine binds a grant, an answer that lacks it may be on its way.
TEST_F(NearCacheTest, AnAnswerThatBindingOvertookIsNotKept) {
    keep_grant();
    const auto reading = cache_.begin_reading(kSession);
    Changes changes;
    {
        const ChangesScope scope(memory_, changes);
        memory_.bind_session(kSession, digest_of(2), 1, 1000, kNow);
    }
    cache_.keep_session(kSession, std::vector{stored_grant()}, kExpires, reading, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    EXPECT_EQ(changes.bound().size(), 1U);
}

TEST_F(NearCacheTest, ALostSessionIsReplacedByWhatTheStoreKnows) {
    memory_.bind_session(kSession, digest_of(99), 1, 1000, kNow);
    keep_grant();
    keep_session({stored_grant()});
    EXPECT_EQ(recall_session(), Answer::known);
    EXPECT_EQ(session_.count, 1U);
}

TEST_F(NearCacheTest, ASessionWhoseRecordWasTornIsLostUntilTheStoreSaysWhatItHas) {
    const GrantRecord other = stored_grant(digest_of(2), "alice", "mobile");
    keep_grant();
    keep_grant(other);
    keep_session({stored_grant()});
    ASSERT_TRUE(zone_memory_.tear(kSession));
    memory_.bind_session(kSession, digest_of(2), 1, 1000, kNow);
    EXPECT_EQ(recall_session(), Answer::must_ask);
    memory_.recall_session(kSession, kNow, session_);
    EXPECT_EQ(session_.state, SessionMemory::State::lost);
    keep_session({stored_grant(), other});
    EXPECT_EQ(recall_session(), Answer::known);
    EXPECT_EQ(session_.count, 2U);
}

// What the store answers with takes the place of what is left here, which adds nothing to it.
TEST_F(NearCacheTest, ASessionWhoseRecordIsGoneIsKeptAsTheStoreKnowsIt) {
    keep_grant();
    for (const bool is_torn : {false, true}) {
        keep_session({stored_grant(), stored_grant(digest_of(2))});
        if (is_torn) {
            ASSERT_TRUE(zone_memory_.tear(kSession));
        } else {
            memory_.zone().credentials().remove(kSession);
        }
        keep_session({stored_grant()});
        EXPECT_EQ(recall_session(), Answer::known);
        EXPECT_EQ(session_.count, 1U);
    }
}

// More logins than a session keeps, which are alike: what this machine put aside does not make the
// session that the store knows one that is lost.
TEST_F(NearCacheTest, WhatWasPutAsideIsNotInTheWayOfWhatTheStoreKnows) {
    for (const bool was_logged_out : {false, true}) {
        for (std::uint64_t number = 1; number <= SessionMemory::kMaxGrants + 1; ++number) {
            memory_.remember_grant(digest_of(number), grant("web", ""), 1000, Standing::learned,
                                   kNow);
            memory_.bind_session(kSession, digest_of(number), 1, 1000, kNow);
        }
        if (was_logged_out) {
            cache_.apply({Kind::session_forgotten, kSession}, kNow);
            EXPECT_FALSE(memory_.has_remains(kSession, kNow));
            memory_.bind_session(kSession, kGrant, 1, 1000, kNow);
        } else {
            memory_.zone().credentials().remove(kSession);
            keep_session({stored_grant()});
        }
        memory_.recall_session(kSession, kNow, session_);
        EXPECT_EQ(session_.state, SessionMemory::State::known);
        EXPECT_EQ(session_.count, 1U);
    }
}

// One thread changes the store and tells of it, others read and keep what they read: once all is
// quiet, nobody goes by what was there before.
TEST_F(NearCacheTest, NoCopyOutlivesTheEventOfItsChange) {
    using Clock = std::chrono::steady_clock;
    constexpr int kRounds = 20'000;
    constexpr std::chrono::seconds kAtMost{10};
    const auto start = Clock::now();
    keep_credential();
    std::atomic<int> in_store{0};
    std::atomic<bool> is_over{false};
    const auto value = [](int number) {
        GrantRecord record = stored_grant();
        record.issued = static_cast<std::uint32_t>(number);
        return record;
    };
    std::vector<std::thread> readers;
    for (int count = 0; count < 3; ++count) {
        readers.emplace_back([&] {
            while (!is_over) {
                const auto reading = cache_.begin_reading(kGrant);
                const GrantRecord answer = value(in_store.load());
                std::this_thread::yield();  // it is on its way
                cache_.keep(answer, reading, kNow);
            }
        });
    }
    int stale = 0;
    int trusted = 0;
    // On a busy machine the readers may not have been begun by then, or each round takes long.
    for (int number = 1; (number <= kRounds || trusted == 0) && Clock::now() - start < kAtMost;
         ++number) {
        std::this_thread::yield();
        trusted += cache_.trusted_grant(kGrant, kNow) ? 1 : 0;
        in_store = number;
        cache_.apply({Kind::grant_changed, kGrant}, kNow);
        // From here on a trusted copy is of this change, or of a later one.
        std::this_thread::yield();
        const auto copy = cache_.trusted_grant(kGrant, kNow);
        stale += copy && copy->issued < static_cast<std::uint32_t>(number) ? 1 : 0;
    }
    is_over = true;
    for (std::thread &reader : readers) {
        reader.join();
    }
    EXPECT_EQ(stale, 0);
    EXPECT_GT(trusted, 0);
}

}  // namespace
}  // namespace ipfence::near_cache_test
