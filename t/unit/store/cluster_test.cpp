#include "engine/store/cluster.hpp"

#include <gtest/gtest.h>

#include "t/unit/store/replies.hpp"

namespace ipfence::cluster_test {
namespace {

const ServerName kAsked{"10.0.0.9", 7000};

Reply range(std::int64_t first, std::int64_t last, Reply host, std::int64_t port) {
    return list({integer(first), integer(last), list({std::move(host), integer(port), text("id")}),
                 list({text("10.9.9.9"), integer(1), text("replica")})});
}

// Redis Cluster specification, appendix A: the CRC16 of "123456789" is 0x31C3.
TEST(ClusterSlot, IsTheCrc16OfTheKey) {
    EXPECT_EQ(cluster_slot_of("123456789"), 0x31C3 % kClusterSlots);
    EXPECT_EQ(cluster_slot_of(""), 0);
    // What redis.io and its clients show of CLUSTER KEYSLOT.
    EXPECT_EQ(cluster_slot_of("foo"), 12182);
    EXPECT_EQ(cluster_slot_of("bar"), 5061);
    EXPECT_EQ(cluster_slot_of("somekey"), 11058);
}

// The examples of the section on hash tags.
TEST(ClusterSlot, IsThatOfTheFirstTagThatIsNotEmpty) {
    EXPECT_EQ(cluster_slot_of("{user1000}.following"), cluster_slot_of("user1000"));
    EXPECT_EQ(cluster_slot_of("{user1000}.followers"), cluster_slot_of("user1000"));
    EXPECT_NE(cluster_slot_of("foo{}{bar}"), cluster_slot_of("bar"));
    EXPECT_EQ(cluster_slot_of("foo{{bar}}zap"), cluster_slot_of("{bar"));
    EXPECT_EQ(cluster_slot_of("foo{bar}{zap}"), cluster_slot_of("bar"));
    EXPECT_NE(cluster_slot_of("foo{bar"), cluster_slot_of("bar"));
}

TEST(SlotMap, KnowsTheMasterOfEachSlot) {
    const auto map = SlotMap::parse(
        list({range(0, 8191, text("10.0.0.1"), 7001), range(8192, 16382, text("10.0.0.2"), 7002)}),
        kAsked);
    ASSERT_TRUE(map.ok());
    EXPECT_EQ(*map->server_of(0), (ServerName{"10.0.0.1", 7001}));
    EXPECT_EQ(*map->server_of(8191), (ServerName{"10.0.0.1", 7001}));
    EXPECT_EQ(*map->server_of(8192), (ServerName{"10.0.0.2", 7002}));
    EXPECT_EQ(map->server_of(16383), nullptr);
    EXPECT_EQ(map->servers().size(), 2U);
}

TEST(SlotMap, TakesAServerWithoutANameForTheOneThatAnswered) {
    for (const Reply &host : {text(""), text("?"), Reply{}}) {
        const auto map = SlotMap::parse(list({range(0, 16383, host, 7001)}), kAsked);
        ASSERT_TRUE(map.ok());
        EXPECT_EQ(*map->server_of(5), (ServerName{kAsked.host, 7001}));
    }
}

TEST(SlotMap, FollowsASlotThatMoved) {
    auto map = SlotMap::parse(list({range(0, 16383, text("10.0.0.1"), 7001)}), kAsked);
    ASSERT_TRUE(map.ok());
    map->move(7, {"10.0.0.3", 7003});
    EXPECT_EQ(*map->server_of(7), (ServerName{"10.0.0.3", 7003}));
    EXPECT_EQ(*map->server_of(8), (ServerName{"10.0.0.1", 7001}));
    EXPECT_EQ(map->servers().size(), 2U);
}

TEST(SlotMap, RefusesWhatIsNone) {
    const std::vector<Reply> none{
        text("OK"),
        integer(1),
        Reply{},
        error("ERR This instance has cluster support disabled"),
        list({text("x")}),
        list({list({})}),
        list({list({integer(0), integer(1)})}),
        list({range(-1, 5, text("a"), 1)}),
        list({range(0, 16384, text("a"), 1)}),
        list({range(5, 4, text("a"), 1)}),
        list({range(0, 5, text("a"), 0)}),
        list({range(0, 5, text("a"), 65536)}),
        list({range(0, 5, integer(4), 1)}),
        list({range(0, 5, text("a"), 1), range(5, 6, text("b"), 1)}),
    };
    for (const Reply &reply : none) {
        EXPECT_FALSE(SlotMap::parse(reply, kAsked).ok());
    }
}

TEST(Redirect, SaysWhereTo) {
    const auto moved = parse_redirect(error("MOVED 3999 127.0.0.1:6381"), kAsked);
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->kind, Redirect::Kind::moved);
    EXPECT_EQ(moved->slot, 3999);
    EXPECT_EQ(moved->server, (ServerName{"127.0.0.1", 6381}));
    const auto ask = parse_redirect(error("ASK 16383 fd00::1:6381"), kAsked);
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->kind, Redirect::Kind::ask);
    EXPECT_EQ(ask->server, (ServerName{"fd00::1", 6381}));
    EXPECT_EQ(parse_redirect(error("MOVED 1 :6381"), kAsked)->server,
              (ServerName{kAsked.host, 6381}));
}

TEST(Redirect, IsNothingElse) {
    for (const char *none : {"", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 x", "MOVED 16384 a:1",
                             "MOVED -1 a:1", "MOVED 1 a:0", "MOVED 1 a:65536", "MOVED 1 a:",
                             "MOVED a:1 2", "MOVEDX 1 a:1", "ERR MOVED 1 a:1", "ASKING 1 a:1"}) {
        EXPECT_FALSE(parse_redirect(error(none), kAsked)) << none;
    }
    EXPECT_FALSE(parse_redirect(text("MOVED 3999 127.0.0.1:6381"), kAsked));
}

}  // namespace
}  // namespace ipfence::cluster_test
