#include "engine/analysis/destination.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ipfence::destination_test {
namespace {

std::string leads_to(std::string_view directive, std::string_view argument) {
    const PassAddress address = parse_pass(directive, argument);
    return destination_of(address.host, address.default_port);
}

TEST(Destination, SpellingsOfThisMachineAreOne) {
    const std::string expected = leads_to("proxy_pass", "http://127.0.0.1:3000");
    for (const char *other :
         {"http://localhost:3000", "http://LOCALHOST:3000/", "http://[::1]:3000/x?y",
          "HTTP://127.1.2.3:3000", "https://0.0.0.0:3000", "http://[::]:3000",
          "http://[::ffff:127.0.0.1]:3000", "http://localhost.:3000"}) {
        EXPECT_EQ(leads_to("proxy_pass", other), expected) << other;
    }
    for (const char *other : {"http://127.0.0.1:3001", "http://128.0.0.1:3000",
                              "http://localhost.example:3000", "http://[::2]:3000"}) {
        EXPECT_NE(leads_to("proxy_pass", other), expected) << other;
    }
}

TEST(Destination, PortsThatAreNotWrittenAreThoseOfTheScheme) {
    EXPECT_EQ(leads_to("proxy_pass", "http://192.0.2.1"), "192.0.2.1:80");
    EXPECT_EQ(leads_to("proxy_pass", "https://192.0.2.1/x"), "192.0.2.1:443");
    EXPECT_EQ(leads_to("grpc_pass", "192.0.2.1"), "192.0.2.1:80");
    EXPECT_EQ(leads_to("grpc_pass", "grpcs://192.0.2.1"), "192.0.2.1:443");
    EXPECT_EQ(leads_to("fastcgi_pass", "192.0.2.1:9000"), "192.0.2.1:9000");
    EXPECT_EQ(leads_to("uwsgi_pass", "suwsgi://192.0.2.1:9000"), "192.0.2.1:9000");
}

TEST(Destination, AddressesAreCanonical) {
    EXPECT_EQ(leads_to("proxy_pass", "http://[2001:DB8:0::1]:80"),
              leads_to("proxy_pass", "http://[2001:db8::1]"));
    EXPECT_EQ(leads_to("proxy_pass", "http://Provider.Example.:8080"), "provider.example:8080");
}

TEST(Destination, ASocketIsItsPath) {
    const std::string expected = "unix:/run/provider.sock";
    for (const char *other :
         {"http://unix:/run/provider.sock", "http://unix:/run/provider.sock:/uri",
          "https://unix://run///provider.sock:", "unix:/run/provider.sock"}) {
        EXPECT_EQ(leads_to("proxy_pass", other), expected) << other;
    }
    EXPECT_EQ(destination_of("unix:/run/provider.sock", 80), expected);
}

TEST(Destination, TheUriIsNotPartOfIt) {
    EXPECT_EQ(without_uri("http://provider/a/b"), "http://provider");
    EXPECT_EQ(without_uri("http://provider?a=/"), "http://provider");
    EXPECT_EQ(without_uri("$scheme://$backend/$1"), "$scheme://$backend");
    EXPECT_EQ(without_uri("http://unix:/a/b:/c"), "http://unix:/a/b");
    EXPECT_EQ(without_uri("provider"), "provider");
}

TEST(Destination, NonsenseIsSomePlace) {
    constexpr std::array<std::string_view, 10> kNonsense{
        "", ":", "[", "[]", "]:", "http://", "http://[", "unix:", "http://unix:", ":::"};
    for (const std::string_view text : kNonsense) {
        EXPECT_NE(leads_to("proxy_pass", text), "") << text;
        EXPECT_NE(listener_key(text), "provider") << text;
        EXPECT_EQ(is_local_listener(text), text == "unix:") << text;
    }
}

TEST(Destination, ListenersAreComparedAsNginxDoes) {
    for (const char *every : {"443", "*:443", "0.0.0.0:443"}) {
        EXPECT_EQ(listener_key(every), "*:443") << every;
    }
    EXPECT_EQ(listener_key("127.0.0.1"), "127.0.0.1:80");
    EXPECT_EQ(listener_key("unix:/run/x"), "unix:/run/x");
    for (const char *local : {"127.0.0.1:80", "[::1]:80", "localhost:80", "unix:/run/x"}) {
        EXPECT_TRUE(is_local_listener(local)) << local;
    }
    for (const char *open : {"80", "*:80", "0.0.0.0:80", "[::]:80", "192.0.2.1:80"}) {
        EXPECT_FALSE(is_local_listener(open)) << open;
    }
}

}  // namespace
}  // namespace ipfence::destination_test
