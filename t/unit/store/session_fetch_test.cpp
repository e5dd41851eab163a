// What the store says of a session, where this machine knows more of it: the store could not be
// told, or lost what it was told.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/store/fetch.hpp"
#include "t/unit/memory/zone_memory.hpp"
#include "t/unit/store/replies.hpp"
#include "t/unit/store/test_format.hpp"

namespace ipfence::session_fetch_test {
namespace {

constexpr Instant kNow{1'800'000'000, 5000};
constexpr Seconds kLifetime = 1000;
const Digest kSession = digest_of(50);

using State = SessionMemory::State;

class FetchedSession : public testing::Test {
  protected:
    FetchedSession() { cache_.renew(kNow.monotonic); }

    static GrantRecord login(std::uint64_t number, std::string_view user) {
        GrantRecord record = grant("web", user);
        record.header.key = digest_of(number);
        record.header.expires = kNow.monotonic + kLifetime;
        return record;
    }

    void log_in_here(const GrantRecord &login) {
        memory_.remember_grant(login.header.key, login, kLifetime, Standing::learned,
                               kNow.monotonic);
        memory_.bind_session(kSession, login.header.key, 1, kLifetime, kNow.monotonic);
    }

    // What a request decides by when the store says that these are all that the session received.
    SessionMemory fetch(const std::vector<GrantRecord> &stored) {
        SessionFetch fetch(format_, cache_, kSession, kNow);
        EXPECT_EQ(fetch.next_round().size(), 1U);
        std::vector<Reply> fields;
        for (const GrantRecord &record : stored) {
            const Digest &key = record.header.key;
            fields.push_back(text(hex_of(key)));
            fields.push_back(text(*format_.seal(
                Changes::Binding{kSession, key, kNow.monotonic + kLifetime, 1}, kNow)));
        }
        EXPECT_TRUE(fetch.take(std::vector{list(fields)}));
        std::vector<Reply> grants;
        for (std::size_t left = fetch.next_round().size(); left > 0; --left) {
            grants.push_back(text(*format_.seal(stored[stored.size() - left], kNow)));
        }
        EXPECT_TRUE(grants.empty() || fetch.take(grants));
        EXPECT_NE(fetch.outcome(), Fetched::pending);
        return fetch.session();
    }

    static std::vector<std::string> users_of(const SessionMemory &session) {
        std::vector<std::string> users;
        for (const GrantRecord &grant : session.found_grants()) {
            users.emplace_back(grant.user());
        }
        return users;
    }

    const StoreFormat format_ = store_format();
    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
    NearCache cache_{memory_};
    const GrantRecord alice_ = login(1, "alice");
    const GrantRecord bob_ = login(2, "bob");
    const GrantRecord carol_ = login(3, "carol");
};

using Users = std::vector<std::string>;

TEST_F(FetchedSession, IsOfWhomTheStoreSays) {
    EXPECT_EQ(users_of(fetch({alice_, bob_})), (Users{"alice", "bob"}));
    EXPECT_EQ(users_of(fetch({alice_, bob_})), (Users{"alice", "bob"}))
        << "which is known here now";
}

TEST_F(FetchedSession, IsAlsoOfWhomOnlyThisMachineKnows) {
    log_in_here(alice_);
    log_in_here(bob_);
    for (int time = 0; time < 2; ++time) {
        const SessionMemory session = fetch({alice_});
        EXPECT_EQ(session.state, State::known);
        EXPECT_EQ(users_of(session), (Users{"alice", "bob"})) << time;
    }
    EXPECT_EQ(users_of(fetch({alice_, carol_})), (Users{"alice", "bob", "carol"}));
}

TEST_F(FetchedSession, NeedsNoneThatIsLikeOneThatTheStoreNames) {
    log_in_here(alice_);
    log_in_here(login(4, "alice"));
    EXPECT_EQ(fetch({alice_}).count, 1U) << "another machine took it out";
}

TEST_F(FetchedSession, IsAllThatTheStoreSaysWhereThisMachineLostSome) {
    log_in_here(alice_);
    log_in_here(bob_);
    memory_.zone().credentials().remove(part_of(kSession, 1));
    const SessionMemory session = fetch({alice_});
    EXPECT_EQ(session.state, State::known);
    EXPECT_EQ(users_of(session), Users{"alice"});
}

}  // namespace
}  // namespace ipfence::session_fetch_test
