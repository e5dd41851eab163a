// The conversations with the store, held with a Redis server.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "engine/store/cluster.hpp"
#include "engine/store/fetch.hpp"
#include "engine/store/generation_question.hpp"
#include "engine/store/server_role.hpp"
#include "engine/store/store_commands.hpp"
#include "engine/store/store_write.hpp"
#include "t/unit/memory/zone_memory.hpp"
#include "t/unit/store/redis_process.hpp"
#include "t/unit/store/replies.hpp"
#include "t/unit/store/test_format.hpp"

namespace ipfence::exchange_test {
namespace {

constexpr Instant kNow{1'800'000'000, 5000};
constexpr Seconds kLifetime = 1000;
using Answer = NearCache::Answer;
using State = SessionMemory::State;

const Digest kToken = digest_of(10);
const Digest kGrant = digest_of(1);
const Digest kSession = digest_of(50);

// One of several machines that share the store.
class Node {
  public:
    explicit Node(const RedisProcess &redis) : connection_(redis) { cache_.renew(kNow.monotonic); }

    // One round trip. False when the conversation is over.
    bool go_on(StoreExchange &exchange) {
        const auto commands = exchange.next_round();
        std::vector<Reply> replies;
        for (const Command &command : commands) {
            replies.push_back(connection_.ask(command.bytes));
        }
        return !commands.empty() && exchange.take(replies);
    }

    int hold(StoreExchange &exchange) {
        int rounds = 0;
        while (go_on(exchange)) {
            ++rounds;
        }
        return rounds;
    }

    std::unique_ptr<StoreWrite> write_of(const std::function<void(Memory &)> &learn) {
        Changes changes;
        {
            const ChangesScope scope(memory_, changes);
            learn(memory_);
        }
        return std::make_unique<StoreWrite>(format_, cache_, std::move(changes), kNow);
    }

    int learn(const std::function<void(Memory &)> &learn) {
        const auto write = write_of(learn);
        const int rounds = hold(*write);
        EXPECT_EQ(write->outcome(), StoreWrite::Outcome::done);
        return rounds;
    }

    // A login: a grant, a token of it, and the session that it began in.
    int log_in(const Digest &grant_key, const Digest &token, std::string_view user = "alice",
               std::string_view app = "web") {
        return learn([&](Memory &memory) {
            memory.remember_grant(grant_key, grant(app, user), kLifetime, Standing::learned,
                                  kNow.monotonic);
            memory.remember({.key = token, .grant = grant_key, .lifetime = kLifetime}, 1,
                            kNow.monotonic);
            memory.bind_session(kSession, grant_key, 1, kLifetime, kNow.monotonic);
        });
    }

    Fetched fetch(const Digest &token, std::optional<Remembered> &remembered) {
        CredentialFetch fetch(format_, cache_, token, kNow);
        hold(fetch);
        remembered = fetch.remembered();
        return fetch.outcome();
    }
    Fetched fetch(const Digest &token) {
        std::optional<Remembered> remembered;
        return fetch(token, remembered);
    }
    SessionMemory fetch_session(const Digest &session = kSession) {
        SessionFetch fetch(format_, cache_, session, kNow);
        hold(fetch);
        EXPECT_NE(fetch.outcome(), Fetched::pending);
        return fetch.session();
    }
    Answer recall(const Digest &token) {
        std::optional<Remembered> remembered;
        return cache_.recall(token, kNow.monotonic, remembered);
    }
    Answer recall_session() {
        SessionMemory session;
        return cache_.recall_session(kSession, kNow.monotonic, session);
    }

    const StoreFormat format_ = store_format();
    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
    NearCache cache_{memory_};
    RedisConnection connection_;
};

class ExchangeTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { redis_ = std::make_unique<RedisProcess>(); }
    static void TearDownTestSuite() { redis_.reset(); }

    ExchangeTest() {
        redis().ask({"FLUSHALL"});
        subscriber_.ask(subscribe_command(one_.format_.names().events()));
    }

    RedisConnection &redis() { return one_.connection_; }

    // The events that were published since, given to a node as its worker would.
    std::size_t deliver_events_to(Node &node) {
        // What is published comes before the answer to what is asked afterwards.
        subscriber_.send(ping_command());
        std::size_t count = 0;
        while (true) {
            const Reply reply = subscriber_.receive();
            if (reply.items.size() != 3 || reply.items[0].text != "message") {
                return count;
            }
            const auto event = node.format_.events().read(reply.items[2].text);
            EXPECT_TRUE(event);
            EXPECT_EQ(event->generation, ++generation_);
            node.cache_.apply(event->event, kNow.monotonic);
            ++count;
        }
    }

    std::string value_of(const std::string &name) { return redis().ask({"GET", name}).text; }

    GrantRecord stored_grant(const Digest &key = kGrant) {
        return one_.format_.open_grant(key, value_of(one_.format_.names().grant(key)), kNow)
            .value();
    }

    static std::unique_ptr<RedisProcess> redis_;
    Node one_{*redis_};
    Node other_{*redis_};
    RedisConnection subscriber_{*redis_};
    std::uint64_t generation_ = 0;
};

std::unique_ptr<RedisProcess> ExchangeTest::redis_;

TEST_F(ExchangeTest, WhatOneNodeLearnsAnotherKnows) {
    EXPECT_EQ(one_.log_in(kGrant, kToken), 1);
    EXPECT_EQ(one_.recall(kToken), Answer::known);
    EXPECT_EQ(other_.recall(kToken), Answer::must_ask);
    std::optional<Remembered> remembered;
    EXPECT_EQ(other_.fetch(kToken, remembered), Fetched::hit);
    EXPECT_EQ(remembered->grant.user(), "alice");
    EXPECT_EQ(remembered->grant.header.owner,
              one_.memory_.owner_of(remembered->grant.user(), remembered->grant.app()));
    EXPECT_EQ(other_.recall(kToken), Answer::known);
    const SessionMemory session = other_.fetch_session();
    EXPECT_EQ(session.state, State::known);
    EXPECT_EQ(session.count, 1U);
    EXPECT_EQ(other_.recall_session(), Answer::known);
    EXPECT_EQ(deliver_events_to(other_), 0U);  // nobody had a copy
}

TEST_F(ExchangeTest, WhatNobodyLearnedNobodyKnows) {
    EXPECT_EQ(one_.fetch(kToken), Fetched::miss);
    EXPECT_EQ(one_.fetch_session().state, State::unknown);
}

TEST_F(ExchangeTest, AsksForBothAtOnceWhereAnOldCopySaysWhichGrantItIs) {
    one_.log_in(kGrant, kToken);
    CredentialFetch first(other_.format_, other_.cache_, kToken, kNow);
    EXPECT_EQ(other_.hold(first), 2);
    other_.cache_.distrust();
    other_.cache_.renew(kNow.monotonic);
    CredentialFetch again(other_.format_, other_.cache_, kToken, kNow);
    EXPECT_EQ(other_.hold(again), 1);
    EXPECT_EQ(again.outcome(), Fetched::hit);
    CredentialFetch known(other_.format_, other_.cache_, kToken, kNow);
    EXPECT_EQ(known.outcome(), Fetched::hit);
    EXPECT_EQ(other_.hold(known), 0);
}

TEST_F(ExchangeTest, RecordsLiveAsLongAsTheyShould) {
    one_.log_in(kGrant, kToken);
    const StoreNames &names = one_.format_.names();
    for (const std::string &name :
         {names.credential(kToken), names.grant(kGrant), names.session(kSession)}) {
        const auto left = redis().ask({"PTTL", name}).integer;
        EXPECT_LE(left, kLifetime * 1000);
        EXPECT_GT(left, (kLifetime - 30) * 1000);
    }
}

TEST_F(ExchangeTest, TwoNodesAddToOneSessionAtOnce) {
    const auto bind = [](Node &node, const Digest &key, std::string_view app) {
        return node.write_of([&](Memory &memory) {
            memory.remember_grant(key, grant(app, "alice"), kLifetime, Standing::learned,
                                  kNow.monotonic);
            memory.bind_session(kSession, key, 1, kLifetime, kNow.monotonic);
        });
    };
    const auto first = bind(one_, digest_of(1), "web");
    const auto second = bind(other_, digest_of(2), "mobile");
    EXPECT_TRUE(one_.go_on(*first));
    EXPECT_TRUE(other_.go_on(*second));
    one_.hold(*first);
    other_.hold(*second);
    deliver_events_to(one_);
    for (Node *node : {&one_, &other_}) {
        EXPECT_EQ(node->recall_session(), Answer::must_ask);
        EXPECT_EQ(node->fetch_session().count, 2U);
        EXPECT_EQ(node->recall_session(), Answer::known);
    }
}

TEST_F(ExchangeTest, AGrantThatASessionReceivedElsewhereIsHeardOf) {
    one_.log_in(kGrant, kToken);
    EXPECT_EQ(one_.fetch_session().count, 1U);
    EXPECT_EQ(one_.recall_session(), Answer::known);
    other_.log_in(digest_of(2), digest_of(11), "alice", "mobile");
    EXPECT_EQ(deliver_events_to(one_), 1U);
    EXPECT_EQ(one_.recall_session(), Answer::must_ask);
    EXPECT_EQ(one_.fetch_session().count, 2U);
}

TEST_F(ExchangeTest, WhatIsForgottenOnOneNodeIsForgottenOnAll) {
    one_.log_in(kGrant, kToken);
    other_.fetch(kToken);
    other_.learn([](Memory &memory) { memory.forget_grant(kGrant, kNow.monotonic); });
    EXPECT_EQ(other_.fetch(kToken), Fetched::miss);
    EXPECT_EQ(one_.recall(kToken), Answer::known);  // until it hears
    EXPECT_EQ(deliver_events_to(one_), 1U);
    EXPECT_EQ(one_.recall(kToken), Answer::unknown);
    EXPECT_TRUE(stored_grant().has(GrantRecord::kForgotten));
    Node third(*redis_);
    EXPECT_EQ(third.fetch(kToken), Fetched::miss);
}

TEST_F(ExchangeTest, ANodeForgetsAGrantThatItNeverSaw) {
    one_.log_in(kGrant, kToken);
    other_.learn([](Memory &memory) { memory.forget_grant(kGrant, kNow.monotonic); });
    EXPECT_TRUE(stored_grant().has(GrantRecord::kForgotten));
    EXPECT_EQ(stored_grant().user(), "alice");
    // Also one of which the store knows nothing: somebody may still have a copy.
    other_.learn([](Memory &memory) { memory.forget_grant(digest_of(77), kNow.monotonic); });
    EXPECT_EQ(deliver_events_to(one_), 2U);
}

TEST_F(ExchangeTest, LogoutForgetsTheFamilyOfASessionThatTheNodeNeverSaw) {
    one_.log_in(kGrant, kToken);
    one_.log_in(digest_of(2), digest_of(11), "alice", "mobile");
    deliver_events_to(one_);
    other_.learn([](Memory &memory) { memory.forget_session(kSession, kNow.monotonic); });
    EXPECT_EQ(deliver_events_to(one_), 3U);
    EXPECT_EQ(one_.recall(kToken), Answer::unknown);
    EXPECT_EQ(one_.recall(digest_of(11)), Answer::unknown);
    EXPECT_EQ(one_.fetch_session().state, State::unknown);
}

TEST_F(ExchangeTest, LogoutLeavesWhatOutlivesItOnAllNodes) {
    one_.log_in(kGrant, kToken);
    one_.learn([](Memory &memory) {
        memory.change_grant(kGrant, kLifetime, kNow.monotonic,
                            [](GrantRecord &grant) { grant.set_outlives_logout(true); });
    });
    one_.log_in(digest_of(2), digest_of(11), "alice", "mobile");
    Node knowing(*redis_);
    EXPECT_EQ(knowing.fetch(kToken), Fetched::hit);
    for (Node *node : {&other_, &knowing}) {  // one that never saw it, and one that has a copy
        node->learn([](Memory &memory) { memory.forget_session(kSession, kNow.monotonic); });
        deliver_events_to(one_);
        EXPECT_EQ(one_.fetch(kToken), Fetched::hit);
        EXPECT_EQ(one_.recall(digest_of(11)), Answer::unknown);
        EXPECT_EQ(one_.fetch_session().state, State::unknown);
        EXPECT_TRUE(stored_grant().outlives_logout());
        EXPECT_FALSE(stored_grant().has(GrantRecord::kForgotten));
        one_.learn([](Memory &memory) {
            memory.bind_session(kSession, kGrant, 1, kLifetime, kNow.monotonic);
        });
    }
    other_.learn([](Memory &memory) { memory.forget_grant(kGrant, kNow.monotonic); });
    EXPECT_TRUE(stored_grant().has(GrantRecord::kForgotten)) << "revocation does not";
}

TEST_F(ExchangeTest, ACredentialIsForgottenAlone) {
    one_.log_in(kGrant, kToken);
    other_.learn([](Memory &memory) { memory.forget(kToken); });
    EXPECT_EQ(deliver_events_to(one_), 1U);
    EXPECT_EQ(one_.recall(kToken), Answer::must_ask);
    EXPECT_EQ(one_.fetch(kToken), Fetched::miss);
}

// What a node has to do that could not ask before the provider revoked the token.
TEST_F(ExchangeTest, ARevokedCredentialThatTheNodeNeverSawTakesItsGrantWithIt) {
    one_.log_in(kGrant, kToken);
    one_.learn([](Memory &memory) {
        memory.remember({.key = digest_of(11), .grant = kGrant, .lifetime = kLifetime}, 1,
                        kNow.monotonic);
    });
    const auto revoke = [](Memory &memory) { memory.revoke_unknown(kToken); };
    const auto interrupted = other_.write_of(revoke);
    EXPECT_TRUE(other_.go_on(*interrupted));
    EXPECT_EQ(other_.learn(revoke), 5);  // who is interrupted can still find it
    EXPECT_EQ(deliver_events_to(one_), 2U);
    EXPECT_EQ(one_.recall(digest_of(11)), Answer::unknown);
    EXPECT_EQ(one_.fetch(kToken), Fetched::miss);
    EXPECT_TRUE(stored_grant().has(GrantRecord::kForgotten));
    EXPECT_EQ(value_of(one_.format_.names().credential(kToken)), "");
    EXPECT_EQ(other_.learn(revoke), 3);  // one that nobody knows any more
    EXPECT_EQ(deliver_events_to(one_), 1U);
}

TEST_F(ExchangeTest, WhatBecomesKnownIsHeardOfAndWhatOnlyLivesLongerIsNot) {
    one_.log_in(kGrant, kToken, "");
    other_.fetch(kToken);
    other_.learn([](Memory &memory) {
        memory.change_grant(kGrant, kLifetime, kNow.monotonic, [](GrantRecord &record) {
            EXPECT_TRUE(record.set_names("web", "alice", ""));
        });
    });
    EXPECT_EQ(deliver_events_to(one_), 1U);
    EXPECT_EQ(one_.recall(kToken), Answer::must_ask);
    std::optional<Remembered> remembered;
    EXPECT_EQ(one_.fetch(kToken, remembered), Fetched::hit);
    EXPECT_EQ(remembered->grant.user(), "alice");
    one_.learn([](Memory &memory) {
        memory.change_grant(kGrant, 2 * kLifetime, kNow.monotonic, [](GrantRecord &) {});
    });
    EXPECT_EQ(stored_grant().header.expires, kNow.monotonic + 2 * kLifetime);
    EXPECT_EQ(deliver_events_to(other_), 0U);
}

TEST_F(ExchangeTest, WhatIsStoredAndWasNotAnnouncedIsAnnouncedLater) {
    one_.log_in(kGrant, kToken, "");
    other_.fetch(kToken);
    const auto write = one_.write_of([](Memory &memory) {
        memory.change_grant(kGrant, kLifetime, kNow.monotonic, [](GrantRecord &record) {
            EXPECT_TRUE(record.set_names("web", "alice", ""));
        });
    });
    EXPECT_TRUE(one_.go_on(*write));
    EXPECT_FALSE(write->owes_events());
    EXPECT_TRUE(one_.go_on(*write));
    EXPECT_TRUE(write->owes_events());
    EXPECT_EQ(write->next_round().size(), 1U);  // which is not answered
    write->resume();
    EXPECT_EQ(write->next_round().size(), 1U);
    EXPECT_FALSE(write->take(std::vector{error("NOPERM")}));
    EXPECT_TRUE(write->owes_events());
    write->resume();
    EXPECT_EQ(one_.hold(*write), 1);
    EXPECT_EQ(write->outcome(), StoreWrite::Outcome::done);
    EXPECT_FALSE(write->owes_events());
    EXPECT_EQ(deliver_events_to(other_), 1U);
    EXPECT_EQ(other_.recall(kToken), Answer::must_ask);
}

// Two nodes write one grant at once, their round trips in every order: what each of them knew is in
// the store, and it is forgotten.
TEST_F(ExchangeTest, NothingIsLostInAnyOrderOfTwoWriters) {
    for (unsigned order = 0; order < 1U << 8; ++order) {
        redis().ask({"FLUSHALL"});
        Node one(*redis_);
        Node other(*redis_);
        one.log_in(kGrant, kToken, "");
        other.fetch(kToken);
        const auto learning = one.write_of([](Memory &memory) {
            memory.change_grant(kGrant, 0, kNow.monotonic, [](GrantRecord &record) {
                EXPECT_TRUE(record.set_names("web", "alice", ""));
                record.set(GrantRecord::kRefreshed, true);
            });
        });
        const auto forgetting =
            other.write_of([](Memory &memory) { memory.forget_grant(kGrant, kNow.monotonic); });
        for (unsigned step = 0; step < 8; ++step) {
            if ((order >> step & 1) != 0) {
                one.go_on(*learning);
            } else {
                other.go_on(*forgetting);
            }
        }
        one.hold(*learning);
        other.hold(*forgetting);
        ASSERT_EQ(learning->outcome(), StoreWrite::Outcome::done);
        ASSERT_EQ(forgetting->outcome(), StoreWrite::Outcome::done);
        const GrantRecord stored = stored_grant();
        ASSERT_TRUE(stored.has(GrantRecord::kForgotten)) << order;
        ASSERT_TRUE(stored.has(GrantRecord::kRefreshed)) << order;
        ASSERT_EQ(stored.user(), "alice") << order;
    }
}

TEST_F(ExchangeTest, WhatTheStoreLostIsUnknown) {
    one_.log_in(kGrant, kToken);
    redis().ask({"FLUSHALL"});
    one_.cache_.distrust();  // as its worker does when the counter went back
    one_.cache_.renew(kNow.monotonic);
    EXPECT_EQ(one_.fetch(kToken), Fetched::miss);
    EXPECT_EQ(one_.fetch_session().state, State::unknown);
}

TEST_F(ExchangeTest, ASessionThatLostAGrantIsLost) {
    one_.log_in(kGrant, kToken);
    redis().ask({"DEL", one_.format_.names().grant(kGrant)});
    EXPECT_EQ(other_.fetch_session().state, State::lost);
    EXPECT_EQ(other_.recall_session(), Answer::must_ask);
}

// L12, L15: what somebody else put there, or moved there, is as good as nothing.
TEST_F(ExchangeTest, BelievesNoValueThatWasMovedOrMadeUp) {
    one_.log_in(kGrant, kToken);
    one_.log_in(digest_of(2), digest_of(11), "bob");
    const StoreNames &names = one_.format_.names();
    redis().ask({"COPY", names.credential(digest_of(11)), names.credential(kToken), "REPLACE"});
    EXPECT_EQ(other_.fetch(kToken), Fetched::refused);
    redis().ask({"SET", names.credential(kToken), "1"});
    EXPECT_EQ(other_.fetch(kToken), Fetched::refused);
    redis().ask({"COPY", names.grant(kGrant), names.grant(digest_of(2)), "REPLACE"});
    EXPECT_EQ(other_.fetch(digest_of(11)), Fetched::refused);
    redis().ask({"HSET", names.session(kSession), "x", "y"});
    EXPECT_EQ(other_.fetch_session().state, State::lost);
}

// What cannot be read may be a newer version's, and say that it was forgotten.
TEST_F(ExchangeTest, DoesNotWriteOverWhatItCannotRead) {
    one_.log_in(kGrant, kToken);
    redis().ask({"SET", one_.format_.names().grant(kGrant), "\x02of another version"});
    const auto write = one_.write_of([](Memory &memory) {
        memory.change_grant(kGrant, 5 * kLifetime, kNow.monotonic, [](GrantRecord &) {});
    });
    one_.hold(*write);
    EXPECT_EQ(write->outcome(), StoreWrite::Outcome::failed);
    EXPECT_EQ(value_of(one_.format_.names().grant(kGrant)), "\x02of another version");
}

TEST_F(ExchangeTest, FailsWhereTheStoreAnswersOtherwise) {
    one_.log_in(kGrant, kToken);
    redis().ask({"DEL", one_.format_.names().credential(kToken)});
    redis().ask({"HSET", one_.format_.names().credential(kToken), "a", "b"});
    CredentialFetch fetch(other_.format_, other_.cache_, kToken, kNow);
    const auto commands = fetch.next_round();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_FALSE(fetch.take(std::vector{redis().ask(commands[0].bytes)}));  // WRONGTYPE
    EXPECT_FALSE(fetch.take({}));
    const auto write = one_.write_of([](Memory &memory) {
        memory.remember({.key = digest_of(12), .grant = kGrant, .lifetime = 9}, 1, kNow.monotonic);
    });
    EXPECT_EQ(write->next_round().size(), 1U);
    EXPECT_FALSE(write->take(std::vector{error("OOM")}));
    EXPECT_EQ(write->outcome(), StoreWrite::Outcome::failed);
    EXPECT_TRUE(write->next_round().empty());
}

TEST_F(ExchangeTest, WhatIsFoundOutYieldsToWhatIsKnown) {
    one_.log_in(kGrant, kToken);
    const std::string before = value_of(one_.format_.names().credential(kToken));
    other_.learn([](Memory &memory) {
        memory.remember(
            {.key = kToken, .grant = digest_of(9), .lifetime = 99, .standing = Standing::derived},
            1, kNow.monotonic);
    });
    EXPECT_EQ(value_of(one_.format_.names().credential(kToken)), before);
}

// More logins of one browser session than places: those that are alike give way, on both nodes
// alike.
TEST_F(ExchangeTest, ManyLoginsOfOneSessionStayKnown) {
    for (std::uint64_t login = 0; login < 60; ++login) {
        Node &node = login % 2 == 0 ? one_ : other_;
        deliver_events_to(node);
        node.fetch_session();
        node.log_in(digest_of(100 + login), digest_of(200 + login), "alice",
                    login % 3 == 0 ? "web" : "mobile");
    }
    const SessionMemory session = Node(*redis_).fetch_session();
    EXPECT_EQ(session.state, State::known);
    EXPECT_TRUE(std::ranges::any_of(
        session.grants(), [](const GrantRecord &grant) { return grant.app() == "mobile"; }));
    EXPECT_TRUE(std::ranges::any_of(session.grants(),
                                    [](const GrantRecord &grant) { return grant.app() == "web"; }));
}

TEST_F(ExchangeTest, WhoWasTheLastOfManyLoginsIsKnownElsewhere) {
    const char *const users[] = {"alice", "bob", "alice"};
    std::uint64_t login = 0;
    for (const char *user : users) {
        for (Node *node : {&one_, &other_}) {  // neither has to look for alike ones itself
            for (int count = 0; count < 4; ++count, ++login) {
                node->log_in(digest_of(100 + login), digest_of(200 + login), user, "web");
            }
        }
    }
    const SessionMemory session = Node(*redis_).fetch_session();
    ASSERT_EQ(session.state, State::known);
    EXPECT_EQ(session.grants().back().user(), "alice");
}

// Nobody's logins without end make a reply that is larger than others can wait for.
TEST_F(ExchangeTest, ASessionThatIsFullIsLostAndTakesNoMore) {
    constexpr std::uint64_t kLogins = kMaxSessionFields + 50;
    for (std::uint64_t login = 0; login < kLogins; ++login) {
        one_.log_in(digest_of(1000 + login), digest_of(3000 + login), "alice",
                    "app-" + std::to_string(login));
    }
    const std::string name = one_.format_.names().session(kSession);
    EXPECT_EQ(redis().ask({"HLEN", name}).integer, std::int64_t{kMaxSessionFields} + 1);
    EXPECT_GT(redis().ask({"PTTL", name}).integer, 0);
    EXPECT_EQ(other_.fetch_session().state, State::lost);
    for (std::uint64_t login = 10; login < kMaxSessionFields; ++login) {
        redis().ask({"HDEL", name, hex_of(digest_of(1000 + login))});
    }
    EXPECT_EQ(other_.fetch_session().state, State::lost) << "it received more than it says";
    deliver_events_to(other_);
    EXPECT_EQ(other_.fetch(digest_of(3000)), Fetched::hit);
    other_.learn([](Memory &memory) { memory.forget_session(kSession, kNow.monotonic); });
    EXPECT_EQ(other_.fetch(digest_of(3000)), Fetched::miss);
    EXPECT_EQ(redis().ask({"EXISTS", name}).integer, 0);
}

TEST_F(ExchangeTest, AKeyNamesItsSlotAsTheServerSees) {
    RedisProcess cluster({"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"});
    RedisConnection connection(cluster);
    for (const std::string &key :
         {std::string("123456789"), std::string("foo{}{bar}"), std::string("foo{{bar}}zap"),
          std::string("foo{bar}{zap}"), std::string("{"), std::string("}{a}"), std::string("{}a"),
          std::string("a{b"), std::string("\0{x\0y}", 6), one_.format_.names().grant(kGrant),
          one_.format_.names().generation()}) {
        EXPECT_EQ(connection.ask({"CLUSTER", "KEYSLOT", key}).integer, cluster_slot_of(key)) << key;
    }
    const auto map = SlotMap::parse(connection.ask(cluster_slots_command()), {"127.0.0.1", 1});
    ASSERT_TRUE(map.ok());
    EXPECT_TRUE(map->servers().empty());
    EXPECT_EQ(parse_role(connection.ask(role_command())), ServerRole::master);
    EXPECT_TRUE(is_unusable_server(connection.ask({"GET", "a"})));  // CLUSTERDOWN
}

// A question that was not answered must not look like one that was.
TEST_F(ExchangeTest, TheCounterIsAskedForOnceAndKnownOnlyByItsAnswer) {
    const std::string name = one_.format_.names().generation();
    GenerationQuestion unanswered(name);
    EXPECT_EQ(unanswered.next_round().size(), 1U);
    EXPECT_TRUE(unanswered.next_round().empty());
    EXPECT_FALSE(unanswered.generation());
    EXPECT_FALSE(unanswered.take(std::vector{error("LOADING")}));
    EXPECT_FALSE(unanswered.take({}));
    EXPECT_FALSE(unanswered.generation());
    redis().ask({"SET", name, "12"});
    GenerationQuestion question(name);
    EXPECT_EQ(one_.hold(question), 1);
    EXPECT_EQ(question.generation(), 12U);
}

TEST_F(ExchangeTest, TheCounterIsWhatTheEventsSay) {
    const StoreNames &names = one_.format_.names();
    EXPECT_EQ(parse_generation(redis().ask(get_generation_command(names.generation()).bytes)), 0U);
    redis().ask({"SET", names.generation(), "9007199254740000"});
    const std::vector<std::string> events{"a", "b"};
    const Reply last =
        redis().ask(announce_command(names.generation(), names.events(), events).bytes);
    EXPECT_EQ(last.integer, 9007199254740002);
    EXPECT_EQ(subscriber_.receive().items[2].text, "9007199254740001:a");
    EXPECT_EQ(subscriber_.receive().items[2].text, "9007199254740002:b");
    EXPECT_EQ(parse_generation(redis().ask(get_generation_command(names.generation()).bytes)),
              9007199254740002U);
    for (const char *none : {"", "x", "-1", "1x", "18446744073709551616"}) {
        EXPECT_FALSE(parse_generation(text(none))) << none;
    }
    EXPECT_FALSE(parse_generation(error("1")));
}

}  // namespace
}  // namespace ipfence::exchange_test
