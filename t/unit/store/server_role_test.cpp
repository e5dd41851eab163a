#include "engine/store/server_role.hpp"

#include <gtest/gtest.h>

#include "t/unit/store/replies.hpp"

namespace ipfence::server_role_test {
namespace {

TEST(ServerRole, IsTheFirstWord) {
    EXPECT_EQ(parse_role(list({text("master"), {}, {}})), ServerRole::master);
    EXPECT_EQ(parse_role(list({text("slave"), text("10.0.0.1")})), ServerRole::replica);
    EXPECT_EQ(parse_role(list({text("sentinel"), {}})), ServerRole::sentinel);
    for (const Reply &none : {text("master"), list({}), list({{}}), list({text("")}),
                              error("NOAUTH Authentication required.")}) {
        EXPECT_FALSE(parse_role(none));
    }
}

TEST(SentinelMaster, IsAHostAndAPort) {
    EXPECT_EQ(parse_sentinel_master(list({text("10.0.0.1"), text("6379")})),
              (ServerName{"10.0.0.1", 6379}));
    for (const Reply &none :
         {Reply{}, text("10.0.0.1"), list({}), list({text("a")}), list({text("a"), text("0")}),
          list({text("a"), text("x")}), list({text("a"), text("65536")}),
          list({text("a"), text("1 ")}), list({text(""), text("1")}),
          list({text("a"), text("1"), text("2")})}) {
        EXPECT_FALSE(parse_sentinel_master(none));
    }
}

TEST(UnusableServer, IsWhatNoCommandOfOursCouldMend) {
    for (const char *word :
         {"LOADING Redis is loading the dataset in memory",
          "READONLY You can't write against a read only replica.",
          "MASTERDOWN Link with MASTER is down", "CLUSTERDOWN Hash slot not served",
          "NOAUTH Authentication required.", "WRONGPASS invalid", "NOPERM this user",
          "MISCONF Redis is configured", "NOREPLICAS"}) {
        EXPECT_TRUE(is_unusable_server(error(word))) << word;
        EXPECT_FALSE(is_unusable_server(text(word))) << word;
    }
    EXPECT_FALSE(is_unusable_server(error("LOADINGX")));
    EXPECT_FALSE(is_unusable_server(error("ERR unknown command")));
    EXPECT_FALSE(is_unusable_server(error("MOVED 1 a:1")));
}

}  // namespace
}  // namespace ipfence::server_role_test
