// Sessions with many logins: what is alike shares a place, and nothing is lost by that.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::put_aside_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr std::uint64_t kSession = 9000;
constexpr std::uint64_t kLast = SessionMemory::kMaxGrants + 1;  // of those that log_in_alike does
constexpr std::uint64_t kTokens = 10'000;                       // where the keys of tokens begin
using State = SessionMemory::State;

class PutAside : public testing::Test {
  protected:
    void log_in(std::uint64_t number, const GrantRecord &record) {
        memory_.remember_grant(digest_of(number), record, 1000, Standing::learned, kNow);
        memory_.remember({.kind = CredentialKind::access_token,
                          .key = digest_of(kTokens + number),
                          .grant = digest_of(number),
                          .lifetime = 1000},
                         1, kNow);
        bind(number);
    }

    void bind(std::uint64_t number, Seconds lifetime = 1000) {
        memory_.bind_session(digest_of(kSession), digest_of(number), 1, lifetime, kNow);
    }

    SessionMemory recall(Seconds now = kNow) const {
        SessionMemory memory;
        memory_.recall_session(digest_of(kSession), now, memory);
        return memory;
    }

    bool knows_token(std::uint64_t number) const {
        return memory_.recall(digest_of(kTokens + number), kNow).has_value();
    }

    bool knows_grant(std::uint64_t number, Seconds now) const {
        return memory_.zone().grants().find<GrantRecord>(digest_of(number), now).has_value();
    }

    // As many logins that are alike as fill a session, and one more: of those, one that the session
    // is not decided by.
    std::uint64_t log_in_alike() {
        for (std::uint64_t number = 1; number <= kLast; ++number) {
            log_in(number, grant("web", ""));
        }
        std::uint64_t number = 1;
        while (decides(number)) {
            ++number;
        }
        return number;
    }

    bool decides(std::uint64_t number, Seconds now = kNow) const {
        const SessionMemory memory = recall(now);
        return std::ranges::any_of(memory.grants(), [&](const GrantRecord &record) {
            return record.header.key == digest_of(number);
        });
    }

    // Who is known to have signed in last: "?" where somebody else may have since.
    std::string last_user() const {
        const SessionMemory memory = recall();
        std::string user;
        for (const GrantRecord &record : memory.grants()) {
            user = !record.user().empty()              ? std::string(record.user())
                   : !record.undecided_users().empty() ? "?"
                                                       : user;
        }
        return user;
    }

    template <class Change>
    void change(std::uint64_t number, Change &&change) {
        ASSERT_TRUE(memory_.change_grant(digest_of(number), 0, kNow, change));
    }

    void name_bob(std::uint64_t number) {
        change(number,
               [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
    }

    // As every request in the session does.
    void claim() { memory_.claim_session(digest_of(kSession), recall(), kNow); }

    // What a zone does that is full: to the grant, or to the place that leads to it.
    void lose(std::uint64_t number, bool is_place) {
        if (!is_place) {
            memory_.zone().grants().remove(digest_of(number));
            return;
        }
        for (unsigned index = 0; index < SessionMemory::kMaxPlaces; ++index) {
            const Digest place = part_of(digest_of(kSession), index);
            const auto record = memory_.zone().credentials().find<CredentialRecord>(place, kNow);
            if (record && record->grant == digest_of(number)) {
                memory_.zone().credentials().remove(place);
            }
        }
    }

    ZoneMemory zone_memory_{8 * Zone::kMinSize};
    mutable Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
};

TEST_F(PutAside, GrantsAreAlikeWhereAllThatIsDecidedByIs) {
    const GrantRecord one = grant("web", "alice", 1);
    EXPECT_TRUE(Memory::are_alike(one, grant("web", "alice", 1)));
    GrantRecord others[] = {grant("web", "alice", 2),
                            grant("mail", "alice", 1),
                            grant("web", "bob", 1),
                            one,
                            one,
                            one,
                            one,
                            one,
                            one};
    EXPECT_TRUE(others[3].set_names("web", "alice", "office"));
    others[4].set(GrantRecord::kDeviceActivated, true);
    others[5].set(GrantRecord::kDeviceTagged, true);
    others[6].set(GrantRecord::kProfileClaimed, true);
    others[7].set(GrantRecord::kContradictory, true);
    others[8].device_tag[0] = 1;
    for (const GrantRecord &other : others) {
        EXPECT_FALSE(Memory::are_alike(one, other));
        EXPECT_FALSE(Memory::are_alike_but_for_refresh(one, other));
    }
    GrantRecord refreshed = one;
    refreshed.set(GrantRecord::kRefreshed, true);
    EXPECT_FALSE(Memory::are_alike(one, refreshed));
    EXPECT_TRUE(Memory::are_alike_but_for_refresh(one, refreshed));
    GrantRecord elsewhere = one;
    elsewhere.set_address(Address::parse("192.0.2.1"));
    EXPECT_TRUE(Memory::are_alike(one, elsewhere)) << "nothing is decided by it";
}

TEST_F(PutAside, AGrantThatASessionHasTakesNoSecondPlace) {
    log_in(1, grant("web", "alice"));
    log_in(2, grant("mail", "alice"));
    bind(1);
    bind(1, 2000);
    EXPECT_EQ(recall().count, 2U);
    EXPECT_EQ(recall(kNow + 1999).count, 2U) << "and all live as long as the longest";
}

// Two machines that decide this at once would else leave none.
TEST_F(PutAside, OfThoseThatAreAlikeTheOneWithTheSmallestKeyStays) {
    log_in_alike();
    std::uint64_t smallest = 1;
    for (std::uint64_t number = 2; number <= SessionMemory::kMaxGrants; ++number) {
        smallest = digest_of(number).words < digest_of(smallest).words ? number : smallest;
    }
    EXPECT_EQ(recall().count, 2U) << "and the last one that came";
    EXPECT_TRUE(decides(smallest));
    EXPECT_TRUE(decides(SessionMemory::kMaxGrants + 1));
}

// Two that bind it at once may give it two.
TEST_F(PutAside, AGrantWithTwoPlacesIsKeptOrPutAsideOnce) {
    const auto others = SessionMemory::kMaxGrants;
    for (std::uint64_t twice = 1; twice < others; ++twice) {
        memory_.forget_session(digest_of(kSession), kNow);
        for (std::uint64_t number = 1; number <= others; ++number) {
            log_in(number, grant("web", ""));
        }
        Table &credentials = memory_.zone().credentials();
        ASSERT_TRUE(credentials.update<CredentialRecord>(part_of(digest_of(kSession), others - 1),
                                                         kNow, [&](CredentialRecord &place) {
                                                             place.grant = digest_of(twice);
                                                             return true;
                                                         }));
        Changes changes;
        const ChangesScope scope(memory_, changes);
        log_in(others + 1, grant("web", ""));
        const auto unbound =
            std::ranges::count(changes.unbound(), digest_of(twice), &Changes::Binding::grant);
        EXPECT_EQ(unbound, decides(twice) ? 0 : 1) << twice;
        memory_.forget_session(digest_of(kSession), kNow);
        EXPECT_FALSE(knows_token(twice)) << twice;
    }
}

TEST_F(PutAside, APlaceWhoseGrantIsNoMoreIsTakenAgain) {
    const std::uint64_t aside = log_in_alike();
    const auto end = [&] {
        return memory_.zone()
            .credentials()
            .find<CredentialRecord>(digest_of(kSession), kNow)
            ->end_of_aside;
    };
    const std::uint64_t before = end();
    EXPECT_EQ(before, SessionMemory::kMaxGrants + SessionMemory::kMaxGrants - 1);
    memory_.zone().grants().remove(digest_of(aside));
    for (std::uint64_t number = 100; number < 100 + SessionMemory::kMaxGrants - 1; ++number) {
        log_in(number, grant("web", ""));
    }
    ASSERT_EQ(recall().state, State::known);
    EXPECT_EQ(end(), before + SessionMemory::kMaxGrants - 2) << "one of as many as were put aside";
}

TEST_F(PutAside, ASessionTakesNoMorePlacesThanThereAre) {
    constexpr std::uint64_t kLogins = 2 * SessionMemory::kMaxPlaces;
    for (std::uint64_t number = 1; number <= kLogins; ++number) {
        log_in(number, grant("web", ""));
    }
    EXPECT_EQ(recall().state, State::known);
    const auto &credentials = memory_.zone().credentials();
    const auto place = [&](unsigned index) {
        return credentials.find<CredentialRecord>(part_of(digest_of(kSession), index), kNow);
    };
    EXPECT_TRUE(place(SessionMemory::kMaxPlaces - 1));
    EXPECT_FALSE(place(SessionMemory::kMaxPlaces));
    EXPECT_EQ(credentials.find<CredentialRecord>(digest_of(kSession), kNow)->end_of_aside,
              SessionMemory::kMaxPlaces);
}

TEST_F(PutAside, LogoutForgetsWhatWasPutAside) {
    const std::uint64_t aside = log_in_alike();
    EXPECT_EQ(recall().state, State::known);
    EXPECT_LT(recall().count, SessionMemory::kMaxGrants);
    EXPECT_TRUE(knows_token(aside));
    memory_.forget_session(digest_of(kSession), kNow);
    for (std::uint64_t number = 1; number <= SessionMemory::kMaxGrants + 1; ++number) {
        EXPECT_FALSE(knows_token(number)) << number;
    }
    EXPECT_EQ(recall().state, State::unknown);
}

TEST_F(PutAside, LogoutForgetsWhatWasPutAsideAlsoWhereNothingElseIsLeft) {
    const std::uint64_t aside = log_in_alike();
    for (unsigned index = 0; index < SessionMemory::kMaxGrants; ++index) {
        memory_.zone().credentials().remove(part_of(digest_of(kSession), index));
    }
    memory_.forget_session(digest_of(kSession), kNow);
    EXPECT_FALSE(knows_token(aside));
}

// I8: what is left may be of one that forbids.
TEST_F(PutAside, ASessionOfWhichOnlyThatIsLeftIsLost) {
    for (const bool is_renewed : {false, true}) {
        memory_.forget_session(digest_of(kSession), kNow);
        const std::uint64_t aside = log_in_alike();
        Table &credentials = memory_.zone().credentials();
        credentials.remove(digest_of(kSession));
        for (unsigned index = 0; index < SessionMemory::kMaxGrants; ++index) {
            credentials.remove(part_of(digest_of(kSession), index));
        }
        EXPECT_TRUE(memory_.has_remains(digest_of(kSession), kNow));
        if (is_renewed) {
            log_in(100, grant("mail", "alice"));
            EXPECT_EQ(recall().state, State::lost);
            log_in(101, grant("chat", "alice"));
            EXPECT_EQ(recall().state, State::lost);
        }
        memory_.forget_session(digest_of(kSession), kNow);
        EXPECT_FALSE(knows_token(aside));
        EXPECT_FALSE(memory_.has_remains(digest_of(kSession), kNow));
    }
}

TEST_F(PutAside, NothingOfItIsFoundInASessionThatIsLost) {
    log_in_alike();
    const Digest kept = recall().grants().back().header.key;
    memory_.zone().credentials().remove(part_of(digest_of(kSession), 0));
    const SessionMemory lost = recall();
    EXPECT_EQ(lost.state, State::lost);
    EXPECT_TRUE(lost.grants().empty());
    ASSERT_EQ(lost.found_grants().size(), 1U);
    EXPECT_EQ(lost.found_grants()[0].header.key, kept);
}

TEST_F(PutAside, WhatIsAlikeNoLongerDecidesAgain) {
    const std::uint64_t aside = log_in_alike();
    const std::size_t before = recall().count;
    change(aside, [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
    EXPECT_EQ(recall().state, State::known);
    EXPECT_EQ(recall().grants().size(), before + 1);
    EXPECT_EQ(recall().found_grants().size(), before + 1);
    EXPECT_TRUE(decides(aside)) << "its user is known now";
}

// What was in a place before is put aside, and would be taken for what belongs there now.
TEST_F(PutAside, AWriterThatDiesBeforeItFillsAPlaceLosesTheSession) {
    log_in_alike();
    Table &credentials = memory_.zone().credentials();
    ASSERT_TRUE(credentials.update<CredentialRecord>(
        digest_of(kSession), kNow, [](CredentialRecord &record) {
            return record.header.count++ < SessionMemory::kMaxGrants;
        }));
    EXPECT_EQ(recall().state, State::lost);
}

// I8: what a session has lost by then could be what forbids.
TEST_F(PutAside, WhatIsAlikeNoLongerDecidesForAsLongAsTheSessionLives) {
    const std::uint64_t aside = log_in_alike();
    change(aside, [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
    log_in(100, grant("mail", "alice"));
    bind(100, 5000);
    ASSERT_EQ(recall(kNow + 4999).state, State::known);
    EXPECT_TRUE(decides(aside, kNow + 4999));
}

// I8: which may have been what forbids, also where nobody signed in since.
TEST_F(PutAside, WhatDecidedOnceAndHadToGoLosesTheSession) {
    for (const bool is_place : {false, true}) {
        for (const bool is_seen_at_login : {false, true}) {
            memory_.forget_session(digest_of(kSession), kNow);
            const std::uint64_t aside = log_in_alike();
            name_bob(aside);
            is_seen_at_login ? bind(kLast) : claim();
            ASSERT_EQ(recall().state, State::known);
            lose(aside, is_place);
            EXPECT_EQ(recall().state, State::lost);
            for (std::uint64_t number = 100; number < 100 + SessionMemory::kMaxPlaces; ++number) {
                log_in(number, grant("web", ""));
            }
            EXPECT_EQ(recall().state, State::lost) << "nothing else takes its place";
        }
    }
    Changes changes;
    const ChangesScope scope(memory_, changes);  // as with a store: its record stays, marked
    memory_.forget_session(digest_of(kSession), kNow);
    log_in_alike();
    EXPECT_EQ(recall().state, State::known) << "until the logout";
}

TEST_F(PutAside, WhatNeverDecidedMayGo) {
    for (const bool is_place : {false, true}) {
        memory_.forget_session(digest_of(kSession), kNow);
        const std::uint64_t aside = log_in_alike();
        claim();
        bind(kLast);
        lose(aside, is_place);
        EXPECT_EQ(recall().state, State::known);
    }
}

TEST_F(PutAside, WhatIsAlikeStillIsNotWrittenAtEachLogin) {
    const std::uint64_t aside = log_in_alike();
    log_in(100, grant("mail", "alice"));
    memory_.zone().credentials().remove(part_of(digest_of(kSession), SessionMemory::kMaxGrants));
    Changes changes;
    const ChangesScope scope(memory_, changes);
    bind(100, 5000);
    EXPECT_EQ(changes.grants().size(), recall().count) << "those that have a place live longer";
    EXPECT_FALSE(knows_grant(aside, kNow + 4999));
    EXPECT_TRUE(knows_grant(100, kNow + 4999));
}

TEST_F(PutAside, OneOfManyThatIsAlikeNoLongerDecidesAgain) {
    constexpr std::uint64_t kLogins = 100;
    for (std::uint64_t number = 1; number <= kLogins; ++number) {
        log_in(number, grant("web", ""));
    }
    for (std::uint64_t number = 1; number <= kLogins; ++number) {
        change(number,
               [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
        EXPECT_TRUE(decides(number)) << number;
        EXPECT_EQ(recall().state, State::known);
        change(number, [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "", "")); });
    }
}

// Of a login by which the user may have become another one.
GrantRecord undecided_grant() {
    GrantRecord record;
    EXPECT_TRUE(record.set_names("web", "", std::string("alice\0", 6)));
    return record;
}

TEST_F(PutAside, WhoWasTheLastIsKnownAfterwards) {
    const GrantRecord logins[] = {grant("web", "alice"), grant("web", "bob"), undecided_grant()};
    const std::string users[] = {"alice", "bob", "?"};
    std::uint64_t number = 1;
    for (std::size_t last = 0; last < std::size(logins); ++last) {
        memory_.forget_session(digest_of(kSession), kNow);
        for (std::size_t count = 0; count < SessionMemory::kMaxGrants; ++count) {
            log_in(number++, logins[(last + 1 + count) % std::size(logins)]);
        }
        log_in(number++, logins[last]);
        EXPECT_EQ(last_user(), users[last]);
        for (std::size_t count = 0; count < 2 * SessionMemory::kMaxGrants; ++count) {
            log_in(number++, grant("web", ""));
            ASSERT_EQ(last_user(), users[last]) << "whatever is put aside";
        }
        EXPECT_EQ(recall().state, State::known);
    }
}

TEST_F(PutAside, OneOfThoseWhoseUserBecomesKnownIsNotTheLast) {
    const std::uint64_t aside = log_in_alike();
    log_in(100, undecided_grant());
    change(aside, [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
    ASSERT_TRUE(decides(aside));
    EXPECT_EQ(last_user(), "?");
}

TEST_F(PutAside, ARefreshOfOneIsARefreshOfTheOthers) {
    const std::uint64_t aside = log_in_alike();
    const auto is_refreshed = [&] {
        const SessionMemory memory = recall();
        return std::ranges::any_of(memory.grants(), [](const GrantRecord &record) {
            return record.has(GrantRecord::kRefreshed);
        });
    };
    EXPECT_FALSE(is_refreshed());
    change(aside, [](GrantRecord &record) { record.set(GrantRecord::kRefreshed, true); });
    EXPECT_TRUE(is_refreshed()) << "the session is as restricted";
    EXPECT_FALSE(decides(aside));
}

TEST_F(PutAside, OneThatFindsNoPlaceAgainLosesTheSession) {
    const std::uint64_t aside = log_in_alike();
    for (std::uint64_t number = 100; recall().count < SessionMemory::kMaxGrants; ++number) {
        log_in(number, grant("app" + std::to_string(number), "alice"));
    }
    ASSERT_EQ(recall().state, State::known);
    change(aside, [](GrantRecord &record) { EXPECT_TRUE(record.set_names("web", "bob", "")); });
    const SessionMemory lost = recall();
    EXPECT_EQ(lost.state, State::lost) << "what does not fit may be what forbids";
    EXPECT_TRUE(lost.grants().empty());
    EXPECT_EQ(lost.found_grants().size(), SessionMemory::kMaxGrants) << "it is still said whose";
}

TEST_F(PutAside, AGrantThatContradictsItselfLosesTheSession) {
    log_in(1, grant("web", "alice"));
    log_in(2, grant("mail", "alice"));
    change(2, [](GrantRecord &record) { record.set(GrantRecord::kContradictory, true); });
    const SessionMemory lost = recall();
    EXPECT_EQ(lost.state, State::lost);
    ASSERT_EQ(lost.found_grants().size(), 1U);
    EXPECT_EQ(lost.found_grants()[0].app(), "web");
}

TEST_F(PutAside, OneOfThoseThatContradictsItselfLosesTheSession) {
    const std::uint64_t aside = log_in_alike();
    const std::size_t before = recall().count;
    change(aside, [](GrantRecord &record) { record.set(GrantRecord::kContradictory, true); });
    const SessionMemory lost = recall();
    EXPECT_EQ(lost.state, State::lost);
    EXPECT_TRUE(lost.grants().empty());
    EXPECT_EQ(lost.found_grants().size(), before);
}

TEST_F(PutAside, ASessionThatIsNobodysIsClaimedByTheUserWhomItNames) {
    const auto owner = [&] { return memory_.owner_of_session(digest_of(kSession), kNow); };
    const auto log_in_nobody = [&](std::uint64_t number, const GrantRecord &record) {
        memory_.remember_grant(digest_of(number), record, 1000, Standing::learned, kNow);
        memory_.bind_session(digest_of(kSession), digest_of(number), RecordHeader::kNobody, 1000,
                             kNow);
        memory_.claim_session(digest_of(kSession), recall(), kNow);
    };
    EXPECT_EQ(owner(), RecordHeader::kNobody) << "of a session that is not there";
    log_in_nobody(1, grant("web", ""));
    EXPECT_EQ(owner(), RecordHeader::kNobody) << "nobody is named";
    log_in_nobody(2, grant("mail", "alice"));
    EXPECT_EQ(owner(), memory_.owner_of("alice", {}));
    log_in_nobody(3, grant("chat", "bob"));
    EXPECT_EQ(owner(), memory_.owner_of("alice", {})) << "it has an owner";
}

}  // namespace
}  // namespace ipfence::put_aside_test
