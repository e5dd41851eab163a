#include "engine/store/location.hpp"

#include <gtest/gtest.h>

namespace ipfence::location_test {
namespace {

StoreLocation location(std::string_view url) {
    auto parsed = parse_store_location(url);
    EXPECT_TRUE(parsed.ok()) << url << ": " << (parsed.ok() ? "" : parsed.error().message);
    return parsed.ok() ? *parsed : StoreLocation{};
}

TEST(StoreLocation, ReadsAHostAndWhatItMayLack) {
    const auto plain = location("redis://redis.internal");
    EXPECT_FALSE(plain.tls);
    EXPECT_EQ(plain.servers, (std::vector<ServerName>{{"redis.internal", 6379}}));
    EXPECT_EQ(plain.user, "");
    EXPECT_EQ(plain.password, "");
    EXPECT_EQ(plain.database, 0U);
    EXPECT_TRUE(location("rediss://redis.internal/").tls);
    EXPECT_EQ(parse_store_location("redis://a", StoreLocation::kSentinelPort)->servers[0].port,
              26379);
}

TEST(StoreLocation, ReadsEveryPart) {
    const auto whole =
        location("rediss://gate:p%40ss%2Fw%2Cord+1@10.0.0.1:7000,[fd00::2]:7001,c/3");
    EXPECT_TRUE(whole.tls);
    EXPECT_EQ(whole.user, "gate");
    EXPECT_EQ(whole.password, "p@ss/w,ord+1");
    EXPECT_EQ(whole.servers,
              (std::vector<ServerName>{{"10.0.0.1", 7000}, {"fd00::2", 7001}, {"c", 6379}}));
    EXPECT_EQ(whole.database, 3U);
    EXPECT_EQ(text_of(whole.servers[0]), "10.0.0.1:7000");
    EXPECT_EQ(text_of(whole.servers[1]), "[fd00::2]:7001");
}

TEST(StoreLocation, APasswordAloneIsTheDefaultUsers) {
    const auto only = location("redis://:secret@a");
    EXPECT_EQ(only.user, "");
    EXPECT_EQ(only.password, "secret");
    EXPECT_EQ(location("redis://gate@a").user, "gate");
}

TEST(StoreLocation, RefusesTheRestWithoutShowingIt) {
    for (const char *url : {"",
                            "redis:",
                            "http://a",
                            "redis://",
                            "redis://,a",
                            "redis://a,",
                            "redis://a:",
                            "redis://a:0",
                            "redis://a:65536",
                            "redis://a:6379x",
                            "redis://a:-1",
                            "redis://[::1",
                            "redis://[x]:1",
                            "redis://[]:1",
                            "redis://[::1]x",
                            "redis://::1",
                            "redis://a/x",
                            "redis://a/1/2",
                            "redis://a/16384",
                            "redis://a/-1",
                            "redis://u%zz:hush@a",
                            "redis://u:@a",
                            "redis://a b",
                            "redis://hush@me/x@a/1",
                            "redis://a?b=c",
                            "redis://a#b"}) {
        const auto parsed = parse_store_location(url);
        ASSERT_FALSE(parsed.ok()) << url;
        EXPECT_NE(parsed.error().message, "");
        EXPECT_EQ(parsed.error().message.find("hush"), std::string::npos);
    }
}

}  // namespace
}  // namespace ipfence::location_test
