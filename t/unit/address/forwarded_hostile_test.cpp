#include "engine/address/forwarded.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "t/unit/address/allocation_count.hpp"

namespace ipfence::forwarded_hostile_test {
namespace {

class ForwardedHostile : public ::testing::Test {
  protected:
    using Lines = std::vector<std::string_view>;

    ForwardedHostile() {
        std::vector<AddressRange> ranges;
        for (const char *text : {"10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.2"}) {
            ranges.push_back(AddressRange::parse(text).value());
        }
        trusted_proxies_ = RangeTable(ranges);
    }

    // The canonical text of the client address, or "unknown".
    std::string client(ForwardedSyntax syntax, const Lines &lines) const {
        const auto address = client_from_forwarded(syntax, lines, trusted_proxies_);
        return address ? address->text() : "unknown";
    }
    std::string list(std::string_view line) const {
        return client(ForwardedSyntax::x_forwarded_for, {line});
    }
    std::string rfc7239(std::string_view line) const {
        return client(ForwardedSyntax::forwarded, {line});
    }
    std::string single(std::string_view line) const {
        return client(ForwardedSyntax::single_value, {line});
    }

    RangeTable trusted_proxies_;
};

constexpr ForwardedSyntax kSyntaxes[] = {ForwardedSyntax::x_forwarded_for,
                                         ForwardedSyntax::forwarded, ForwardedSyntax::single_value};

// threats.md C02: from the right.
TEST_F(ForwardedHostile, TakesTheRightMostHopThatIsNoTrustedProxy) {
    EXPECT_EQ(list("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(list("198.51.100.7, 203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(list("198.51.100.7, 203.0.113.9, 10.0.0.7"), "203.0.113.9");
    EXPECT_EQ(list("203.0.113.9,10.0.0.7 ,  10.1.2.3 "), "203.0.113.9");
    EXPECT_EQ(list("203.0.113.9, 2001:db8:ffff::1, 127.0.0.2"), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=198.51.100.7, for=203.0.113.9;by=10.0.0.7, for=10.0.0.7"),
              "203.0.113.9");
}

TEST_F(ForwardedHostile, ReadsLinesAsOneListInTheirOrder) {
    for (const auto &[syntax, prefix] : {std::pair(ForwardedSyntax::x_forwarded_for, ""),
                                         std::pair(ForwardedSyntax::forwarded, "for=")}) {
        const std::string client_hop = prefix + std::string("198.51.100.7");
        const std::string other_hop = prefix + std::string("203.0.113.9");
        const std::string proxy_hop = prefix + std::string("10.0.0.7");
        EXPECT_EQ(client(syntax, {client_hop, other_hop}), "203.0.113.9");
        EXPECT_EQ(client(syntax, {other_hop, client_hop, proxy_hop, proxy_hop}), "198.51.100.7");
        EXPECT_EQ(client(syntax, {client_hop, ""}), "unknown");
        EXPECT_EQ(client(syntax, {client_hop, "garbage"}), "unknown");
        EXPECT_EQ(client(syntax, {"garbage", client_hop}), "198.51.100.7");
        EXPECT_EQ(client(syntax, {"garbage", proxy_hop}), "unknown");
        EXPECT_EQ(client(syntax, {"", proxy_hop}), "unknown");
    }
}

// threats.md C11, C12, C16.
TEST_F(ForwardedHostile, TakesEverySpellingOfAnAddressWithAPort) {
    EXPECT_EQ(list("198.51.100.7:4444"), "198.51.100.7");
    EXPECT_EQ(list("198.51.100.7:0"), "198.51.100.7");
    EXPECT_EQ(list("198.51.100.7:00080"), "198.51.100.7");
    EXPECT_EQ(list("198.51.100.7:65535"), "198.51.100.7");
    EXPECT_EQ(list("2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(list("[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(list("[2001:DB8::1]:443"), "2001:db8::1");
    EXPECT_EQ(list("::ffff:198.51.100.7"), "198.51.100.7");
    EXPECT_EQ(list("[::ffff:198.51.100.7]:443"), "198.51.100.7");
    EXPECT_EQ(list("203.0.113.9, ::ffff:10.0.0.7"), "203.0.113.9");
    EXPECT_EQ(list("2002:c633:6407::1"), "2002:c633:6407::1");
    EXPECT_EQ(list("::198.51.100.7"), "::c633:6407");
}

// threats.md C05, C06, C12 to C14, C19 and "Facts: Addresses".
TEST_F(ForwardedHostile, DoesNotKnowTheClientWhenTheRightEndDoesNotParse) {
    for (const std::string hostile : {
             "",
             " ",
             ",",
             "garbage",
             "unknown",
             "_hidden",
             "for=203.0.113.9",
             "\"203.0.113.9\"",
             "203.0.113.9;x",
             "203.0.113.9/24",
             "203.0.113.9\t",
             "\t203.0.113.9",
             "unix:",
             "203.0.113.9 203.0.113.9",
             "203.0.113.9 10.0.0.7",
             "203.0.113.256",
             "203.0.113.09",
             "010.0.0.1",
             "198.51.100.007",
             "0x0a.0.0.1",
             "167772161",
             "10.1",
             "203.113",
             "fe80::1%eth0",
             "fe80::1%25eth0",
             "[fe80::1%eth0]:443",
             "2001:db8::1::2",
             // ports and brackets
             "203.0.113.9:",
             "203.0.113.9:65536",
             "203.0.113.9:99999",
             "203.0.113.9:000080",
             "203.0.113.9:-1",
             "203.0.113.9:+1",
             "203.0.113.9: 80",
             "203.0.113.9:80 80",
             "203.0.113.9:http",
             "203.0.113.9:80:80",
             ":80",
             "[2001:db8::1",
             "2001:db8::1]",
             "[2001:db8::1]443",
             "[2001:db8::1]:",
             "[2001:db8::1]:65536",
             "[2001:db8::1]x",
             "[[2001:db8::1]]",
             "[]",
             "[",
             "]",
             "[203.0.113.9]",
             "[203.0.113.9]:80",
             "[ ::2]",
         }) {
        EXPECT_EQ(list(hostile), "unknown") << '"' << hostile << '"';
        EXPECT_EQ(list("203.0.113.9, " + hostile), "unknown") << '"' << hostile << '"';
        EXPECT_EQ(list("203.0.113.9, " + hostile + ", 10.0.0.7"), "unknown")
            << '"' << hostile << '"';
        EXPECT_EQ(list(hostile + ", 10.0.0.7"), "unknown") << '"' << hostile << '"';
        EXPECT_EQ(rfc7239("for=\"" + hostile + '"'), "unknown") << '"' << hostile << '"';
    }
    EXPECT_EQ(list("\", \t10.1.2.3\""), "unknown");
    EXPECT_EQ(list("203.0.113.9,"), "unknown");
    EXPECT_EQ(list("203.0.113.9,,10.0.0.7"), "unknown");
    EXPECT_EQ(list(",10.0.0.7"), "unknown");
    EXPECT_EQ(list("203.0.113.9,\t10.0.0.7"), "unknown");
}

// threats.md C08, C09.
TEST_F(ForwardedHostile, DoesNotFallBackToAProxy) {
    for (const ForwardedSyntax syntax : kSyntaxes) {
        EXPECT_EQ(client(syntax, {}), "unknown");
        EXPECT_EQ(client(syntax, {""}), "unknown");
    }
    EXPECT_EQ(list("10.9.9.9, 10.0.0.7"), "unknown");
    EXPECT_EQ(list("10.9.9.9:80"), "unknown");
    EXPECT_EQ(rfc7239("for=10.9.9.9, for=\"[2001:db8:ffff::1]\""), "unknown");
    EXPECT_EQ(single("10.9.9.9"), "unknown");
    EXPECT_EQ(single("2001:db8:ffff::1"), "unknown");
}

// threats.md C17.
TEST_F(ForwardedHostile, DoesNotBelieveAnAddressThatNoClientHas) {
    for (const std::string reserved :
         {"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.255.255.255",
          "240.0.0.1", "255.255.255.255", "::", "::1", "ff02::1", "ff00::",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:127.0.0.1", "::ffff:0.0.0.0"}) {
        EXPECT_EQ(list(reserved), "unknown") << reserved;
        EXPECT_EQ(list("198.51.100.7, " + reserved), "unknown") << reserved;
        EXPECT_EQ(single(reserved), "unknown") << reserved;
        const bool ipv6 = reserved.find(':') != std::string::npos;
        EXPECT_EQ(rfc7239(ipv6 ? "for=\"[" + reserved + "]\"" : "for=" + reserved), "unknown")
            << reserved;
    }
    for (const std::string client : {"1.0.0.0", "126.255.255.255", "128.0.0.1", "223.255.255.255",
                                     "::2", "1::", "feff::1", "fe80::1"}) {
        EXPECT_EQ(list(client), client);
        EXPECT_EQ(single(client), client);
    }
}

// threats.md C04.
TEST_F(ForwardedHostile, TakesASingleValueAsOneAddressAndNothingElse) {
    EXPECT_EQ(single("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(single("2001:db8::1"), "2001:db8::1");
    EXPECT_EQ(single("::ffff:203.0.113.9"), "203.0.113.9");
    for (const char *text :
         {"203.0.113.9, 203.0.113.9", "203.0.113.9,", " 203.0.113.9", "203.0.113.9 ",
          "203.0.113.9:80", "[2001:db8::1]", "for=203.0.113.9", "\"203.0.113.9\"", "garbage"}) {
        EXPECT_EQ(single(text), "unknown") << text;
    }
    EXPECT_EQ(client(ForwardedSyntax::single_value, {"203.0.113.9", "203.0.113.9"}), "unknown");
    EXPECT_EQ(client(ForwardedSyntax::single_value, {"203.0.113.9", ""}), "unknown");
}

// RFC 7239, sections 4 to 6.
TEST_F(ForwardedHostile, ReadsTheForParameter) {
    EXPECT_EQ(rfc7239("for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("For=\"203.0.113.9\""), "203.0.113.9");
    EXPECT_EQ(rfc7239("proto=http; for=203.0.113.9 ;by=10.0.0.7"), "203.0.113.9");
    EXPECT_EQ(rfc7239("FOR=\"203.0.113.9:4711\""), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=\"[2001:db8::1]\""), "2001:db8::1");
    EXPECT_EQ(rfc7239("for=\"[2001:db8::1]:4711\""), "2001:db8::1");
    EXPECT_EQ(rfc7239("for=203.0.113.9;proto=http;by=10.0.0.7"), "203.0.113.9");
    EXPECT_EQ(rfc7239("proto=http;by=\"[2001:db8::7]\";for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=203.0.113.9;by=\"\""), "203.0.113.9") << "an empty quoted string";
    EXPECT_EQ(rfc7239("for=203.0.113.9;host=\"a,b;for=198.51.100.7\""), "203.0.113.9");
    EXPECT_EQ(rfc7239("host=\"\\\",for=198.51.100.7\\\\\";for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("x=\"a\\\\\", for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=\"a,b\" , for=203.0.113.9"), "203.0.113.9");
}

TEST_F(ForwardedHostile, DoesNotKnowTheClientOfAnElementThatIsNone) {
    for (const char *element : {
             "unknown",
             "203.0.113.9",
             "proto=http",
             "=203.0.113.9",
             "for",
             "for=",
             "for=\"\"",
             "for=unknown",
             "for=\"unknown\"",
             "for=_hidden",
             "for=\"_gazonk\"",
             "for =203.0.113.9",
             "for= 203.0.113.9",
             "\"for\"=203.0.113.9",
             "fo\tr=203.0.113.9",
             ";",
             // an address with colons is a quoted string, in brackets when it is IPv6
             "for=2001:db8::1",
             "for=[2001:db8::1]",
             "for=\"2001:db8::1\"",
             "for=[2001:db8::1]:443",
             "for=203.0.113.9:4711",
             "for=\"[203.0.113.9]\"",
             "for=\"[2001:db8::1]:_port\"",
             "for=\" 203.0.113.9\"",
             // a second `for`
             "for=203.0.113.9;for=203.0.113.9",
             "for=203.0.113.9;For=198.51.100.7",
             "for=unknown;for=203.0.113.9",
             "for=203.0.113.9;for=unknown",
             // quotes that do not close, do not open, or do not stand around the value
             "for=\"203.0.113.9",
             "for=203.0.113.9\"",
             "for=\"",
             "for=\"203.0.113.9\\\"",
             "for=\"203.0.113.9\"x",
             "for=x\"203.0.113.9\"",
             "for=\"203.0.113\\.9\"",
             "for=\"203.0.113.9\"\"\"",
             "'203.0.113.9'",
             "for='203.0.113.9'",
             // another parameter that cannot be read: then who knows where it ends
             "for=203.0.113.9;x",
             "for=203.0.113.9;x=",
             "for=203.0.113.9;x=\"",
             "for=203.0.113.9;x=\"y",
             "for=203.0.113.9;x=y\"",
             "for=203.0.113.9;x=\"y\\\"",
             "for=203.0.113.9;x=\"y\"z",
             "for=203.0.113.9;x=\"y\"z\"w\"",
             "for=203.0.113.9;=y",
             "for=203.0.113.9;x y=z",
             "for=203.0.113.9;x=y z",
             "for=203.0.113.9;\"x\"=y",
             "for=203.0.113.9\t;x=y",
             ";for=203.0.113.9",
             "for=203.0.113.9;",
             "for=203.0.113.9;;x=y",
             "for=203.0.113.9;host=a:80",
             "for=203.0.113.9;x=a=b",
         }) {
        EXPECT_EQ(rfc7239(element), "unknown") << element;
        EXPECT_EQ(rfc7239("for=203.0.113.9, " + std::string(element)), "unknown") << element;
    }
    EXPECT_EQ(rfc7239("for=203.0.113.9, "), "unknown");
    EXPECT_EQ(rfc7239("for=203.0.113.9,,for=10.0.0.7"), "unknown");
}

// What a client sends stands to the left of what the proxy adds, and cannot reach over the comma.
TEST_F(ForwardedHostile, LetsNoQuoteOfTheClientReachTheProxysElement) {
    EXPECT_EQ(rfc7239("for=198.51.100.7;x=\", for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=\"198.51.100.7, for=203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=198.51.100.7;x=\"\\, for=\"203.0.113.9:80\""), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=198.51.100.7;x=\", for=10.0.0.7"), "unknown");
    EXPECT_EQ(list("\"198.51.100.7, 203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(list("198.51.100.7\", \", 203.0.113.9"), "203.0.113.9");
}

TEST_F(ForwardedHostile, LetsNothingOfTheClientReachTheProxysElement) {
    constexpr std::string_view kPieces[] = {"for=198.51.100.7",
                                            "198.51.100.7",
                                            "\"",
                                            "\\",
                                            ",",
                                            ";",
                                            "x=",
                                            "=",
                                            " ",
                                            "\t",
                                            "[",
                                            "]",
                                            "10.0.0.7",
                                            "\""};
    std::mt19937_64 random(30);
    for (int i = 0; i < 100000; ++i) {
        std::string claim;
        for (auto pieces = random() % 8; pieces > 0; --pieces) {
            claim += kPieces[random() % std::size(kPieces)];
        }
        ASSERT_EQ(list(claim + ", 203.0.113.9"), "203.0.113.9") << claim;
        ASSERT_EQ(rfc7239(claim + ", for=203.0.113.9"), "203.0.113.9") << claim;
        ASSERT_EQ(rfc7239(claim + ",for=\"[2001:db8::1]:443\";host=\"a,\\\"b\\\\\""), "2001:db8::1")
            << claim;
    }
}

// A long header is read once from the right, not once for each hop.
TEST_F(ForwardedHostile, ReadsALongListInLinearTime) {
    constexpr int kHops = 100000;
    std::string hops = "203.0.113.9";
    std::string elements = "for=203.0.113.9";
    for (int i = 0; i < kHops; ++i) {
        hops += ",10.0.0.1";
        elements += ",for=10.0.0.1";
    }
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(list(hops), "203.0.113.9");
    EXPECT_EQ(rfc7239(elements), "203.0.113.9");
    EXPECT_EQ(rfc7239("for=203.0.113.9;x=\"" + std::string(1000000, '\\') + "\""), "203.0.113.9");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(ForwardedHostile, DoesNotAllocate) {
    const std::string_view hops[] = {"203.0.113.9, 10.0.0.7:80", "[2001:db8:ffff::1]:443"};
    const std::string_view elements[] = {"for=\"203.0.113.9:80\";host=\"a\\\"b\", for=10.0.0.7"};
    const std::string_view value[] = {"203.0.113.9"};
    const std::size_t before = allocation_count();
    const auto from_list =
        client_from_forwarded(ForwardedSyntax::x_forwarded_for, hops, trusted_proxies_);
    const auto from_elements =
        client_from_forwarded(ForwardedSyntax::forwarded, elements, trusted_proxies_);
    const auto from_value =
        client_from_forwarded(ForwardedSyntax::single_value, value, trusted_proxies_);
    EXPECT_EQ(allocation_count(), before);
    EXPECT_EQ(from_list, Address::parse("203.0.113.9"));
    EXPECT_EQ(from_elements, from_list);
    EXPECT_EQ(from_value, from_list);
}

}  // namespace
}  // namespace ipfence::forwarded_hostile_test
