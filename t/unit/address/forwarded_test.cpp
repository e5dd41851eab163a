#include "engine/address/forwarded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ipfence::forwarded_test {
namespace {

RangeTable proxies() {
    return RangeTable(std::vector{AddressRange::parse("10.0.0.0/8").value(),
                                  AddressRange::parse("2001:db8:ffff::/48").value()});
}

std::string client(ForwardedSyntax syntax, std::vector<std::string_view> lines) {
    const auto address = client_from_forwarded(syntax, lines, proxies());
    return address ? address->text() : "unknown";
}

std::string list(std::vector<std::string_view> lines) {
    return client(ForwardedSyntax::x_forwarded_for, std::move(lines));
}

std::string forwarded(std::vector<std::string_view> lines) {
    return client(ForwardedSyntax::forwarded, std::move(lines));
}

TEST(Forwarded, SyntaxFollowsTheName) {
    EXPECT_EQ(forwarded_syntax_of("x-forwarded-FOR"), ForwardedSyntax::x_forwarded_for);
    EXPECT_EQ(forwarded_syntax_of("FORWARDED"), ForwardedSyntax::forwarded);
    EXPECT_EQ(forwarded_syntax_of("X-Real-IP"), ForwardedSyntax::single_value);
    EXPECT_EQ(forwarded_syntax_of("X_Forwarded_For"), ForwardedSyntax::single_value);
}

TEST(Forwarded, RightMostThatIsNoProxy) {
    EXPECT_EQ(list({"203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(list({"198.51.100.7, 203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(list({"203.0.113.9, 10.0.0.7,10.1.2.3"}), "203.0.113.9");
    EXPECT_EQ(list({"garbage, 203.0.113.9, 10.0.0.7"}), "203.0.113.9");
    EXPECT_EQ(list({"198.51.100.7", "203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(list({"203.0.113.9", "10.0.0.7", "10.0.0.8"}), "203.0.113.9");
    EXPECT_EQ(list({"2001:db8::1, 2001:db8:ffff::1"}), "2001:db8::1");
}

TEST(Forwarded, PortsAndBrackets) {
    EXPECT_EQ(list({"203.0.113.9:0"}), "203.0.113.9");
    EXPECT_EQ(list({"203.0.113.9:65535"}), "203.0.113.9");
    EXPECT_EQ(list({"[2001:db8::1]"}), "2001:db8::1");
    EXPECT_EQ(list({"[2001:db8::1]:443"}), "2001:db8::1");
    for (const char *text : {"203.0.113.9:", "203.0.113.9:65536", "203.0.113.9:123456",
                             "203.0.113.9:+1", "[203.0.113.9]", "[2001:db8::1", "[2001:db8::1]:",
                             "[2001:db8::1]443", "[]", "[2001:db8::1]:x", "2001:db8::1]"}) {
        EXPECT_EQ(list({text}), "unknown") << text;
    }
}

TEST(Forwarded, NothingThatDoesNotReadIsSkipped) {
    EXPECT_EQ(list({}), "unknown");
    for (const char *text :
         {"", " ", ",", "203.0.113.9,", ",203.0.113.9,", "203.0.113.9, ,10.0.0.7",
          "203.0.113.9, garbage", "203.0.113.9, unknown, 10.0.0.7", "203.0.113.9\t",
          "203.0.113.9;x", "203.0.113.9/24", "\"203.0.113.9\"", "for=203.0.113.9", "010.0.0.1",
          "203.0.113.9 10.0.0.7"}) {
        EXPECT_EQ(list({text}), "unknown") << text;
    }
    EXPECT_EQ(list({"203.0.113.9", ""}), "unknown");
    EXPECT_EQ(list({"", "203.0.113.9"}), "203.0.113.9");
}

TEST(Forwarded, ProxiesAndImpossibleSourcesAreNoClients) {
    for (const char *text : {"10.0.0.7", "10.9.9.9, 10.1.2.3", "2001:db8:ffff::1", "0.0.0.0",
                             "0.1.2.3", "127.0.0.1", "127.9.9.9", "224.0.0.1", "240.0.0.1",
                             "255.255.255.255", "::", "::1", "ff02::1", "::ffff:127.0.0.1"}) {
        EXPECT_EQ(list({text}), "unknown") << text;
    }
}

TEST(Forwarded, Rfc7239) {
    EXPECT_EQ(forwarded({"for=203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(forwarded({"For=\"203.0.113.9:80\";proto=https;by=10.0.0.1"}), "203.0.113.9");
    EXPECT_EQ(forwarded({"proto=http; FOR=\"[2001:db8::1]:443\""}), "2001:db8::1");
    EXPECT_EQ(forwarded({"for=198.51.100.7, for=203.0.113.9, for=10.0.0.7"}), "203.0.113.9");
    EXPECT_EQ(forwarded({"for=198.51.100.7", "for=203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(forwarded({"host=\"a,for=1.2.3.4\";for=203.0.113.9"}), "203.0.113.9");
    for (const char *text :
         {"", "for=", "for=unknown", "for=_hidden", "for=\"_x:1\"", "for=2001:db8::1",
          "for=\"2001:db8::1\"", "for=[2001:db8::1]", "proto=https", "203.0.113.9",
          "for=203.0.113.9;for=203.0.113.9", "for=\"203.0.113.9", "for=203.0.113.9\"",
          "for=203.0.113.9,", "for=203.0.113.9;", "for = 203.0.113.9", "for=\"203.0.113\\.9\"",
          "=203.0.113.9"}) {
        EXPECT_EQ(forwarded({text}), "unknown") << text;
    }
}

TEST(Forwarded, SingleValue) {
    const auto single = [](std::vector<std::string_view> lines) {
        return client(ForwardedSyntax::single_value, std::move(lines));
    };
    EXPECT_EQ(single({"203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(single({"203.0.113.9", "203.0.113.9"}), "unknown");
    EXPECT_EQ(single({"203.0.113.9, 203.0.113.9"}), "unknown");
    EXPECT_EQ(single({"203.0.113.9:80"}), "unknown");
    EXPECT_EQ(single({"127.0.0.1"}), "unknown");
    EXPECT_EQ(single({}), "unknown");
}

}  // namespace
}  // namespace ipfence::forwarded_test
