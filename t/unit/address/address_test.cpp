#include "engine/address/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace ipfence::address_test {
namespace {

std::string parsed(std::string_view text) {
    const auto address = Address::parse(text);
    return address ? address->text() : "refused";
}

TEST(Address, CanonicalTextIsWhatWasRead) {
    for (const char *text : {"0.0.0.0", "255.255.255.255", "192.0.2.1", "10.0.0.7", "::", "::1",
                             "1::", "2001:db8::1", "2001:db8:1:2:3:4:5:6", "fe80::", "1:0:0:2::3",
                             "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        EXPECT_EQ(parsed(text), text);
    }
}

TEST(Address, OtherSpellingsHaveOneNormalForm) {
    EXPECT_EQ(parsed("2001:DB8::A"), "2001:db8::a");
    EXPECT_EQ(parsed("2001:0db8:0:0:0:0:0:0001"), "2001:db8::1");
    EXPECT_EQ(parsed("0:0:0:0:0:0:0:0"), "::");
    EXPECT_EQ(parsed("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    EXPECT_EQ(parsed("::2:3:4:5:6:7:8"), "0:2:3:4:5:6:7:8");
    EXPECT_EQ(parsed("2001:db8::192.0.2.1"), "2001:db8::c000:201");
    EXPECT_EQ(parsed("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
    EXPECT_EQ(parsed("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
    EXPECT_EQ(parsed("1:0:0:2:3:0:0:4"), "1::2:3:0:0:4");
}

TEST(Address, MappedIsIpv4) {
    for (const char *text : {"::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"}) {
        const auto address = Address::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->family(), Address::Family::ipv4);
        EXPECT_EQ(*address, *Address::parse("192.0.2.1"));
    }
    // IPv4-compatible, translated and 6to4 addresses are IPv6 addresses (threats.md C16).
    for (const char *text : {"::192.0.2.1", "64:ff9b::192.0.2.1", "2002:c000:201::1"}) {
        EXPECT_EQ(Address::parse(text)->family(), Address::Family::ipv6) << text;
    }
}

TEST(Address, EverythingElseIsRefused) {
    for (const char *text : {"",
                             " ",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "1.2.3.4 ",
                             " 1.2.3.4",
                             "1.2.3.4\t",
                             "1..3.4",
                             "1.2.3.",
                             ".1.2.3",
                             "1.2.3.256",
                             "1.2.3.999",
                             "1.2.3.1000",
                             "010.0.0.1",
                             "1.2.3.04",
                             "00.0.0.0",
                             "198.51.100.007",
                             "0x0a.0.0.1",
                             "0xcb.0.113.9",
                             "167772161",
                             "10.1",
                             "-1.2.3.4",
                             "+1.2.3.4",
                             "1.2.3.4/24",
                             "1.2.3.4:80",
                             "1,2,3,4",
                             "a.b.c.d",
                             "unknown",
                             "unix:",
                             "_hidden",
                             ":",
                             ":::",
                             "1:::2",
                             "::1::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7:8::",
                             "::1:2:3:4:5:6:7:8",
                             "1:2:3:4::5:6:7:8",
                             "1:2:3:4:5:6:7:",
                             ":1:2:3:4:5:6:7",
                             "12345::",
                             "0001f::",
                             "g::",
                             "::g",
                             "1:2:3:4:5:6:7:1.2.3.4",
                             "1.2.3.4::",
                             "::1.2.3.4:5",
                             "::1.2.3",
                             "::01.2.3.4",
                             "::ffff:192.0.2.256",
                             "fe80::1%eth0",
                             "fe80::1%25eth0",
                             "[::1]",
                             "::1/128",
                             "::-1",
                             "::+1",
                             "1: :2",
                             "::0x1"}) {
        EXPECT_EQ(parsed(text), "refused") << '"' << text << '"';
    }
    EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0", 8)));
    EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\n", 8)));
}

// The C library is the oracle of the tests; the engine never asks it.
TEST(Address, AgreesWithInetNtopOnRandomAddresses) {
    std::mt19937_64 random(20261123);
    constexpr std::uint64_t kMasks[] = {~0ULL, 0, 0xffff, 0xffff0000ffff0000, 0x0fff0000000000ff};
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t high = random() & kMasks[random() % 5];
        const std::uint64_t low = random() & kMasks[random() % 5];
        std::array<unsigned char, 16> bytes;
        for (int k = 0; k < 8; ++k) {
            bytes[static_cast<std::size_t>(k)] = static_cast<unsigned char>(high >> (56 - 8 * k));
            bytes[static_cast<std::size_t>(k + 8)] =
                static_cast<unsigned char>(low >> (56 - 8 * k));
        }
        std::array<char, INET6_ADDRSTRLEN> text;
        ASSERT_NE(inet_ntop(AF_INET6, bytes.data(), text.data(), text.size()), nullptr);
        const auto address = Address::parse(text.data());
        ASSERT_TRUE(address) << text.data();
        ASSERT_EQ(*address, Address::from_ipv6(high, low)) << text.data();
        // glibc writes IPv4-compatible addresses with dots; the canonical text has none.
        if (std::string_view(text.data()).find('.') == std::string_view::npos) {
            ASSERT_EQ(address->text(), text.data());
        }
    }
}

TEST(Address, AcceptsNothingThatInetPtonRefuses) {
    std::mt19937 random(7);
    constexpr std::string_view kAlphabet = "0123456789abf:::..%/";
    for (int i = 0; i < 500'000; ++i) {
        std::string text;
        for (auto length = random() % 20; length > 0; --length) {
            text += kAlphabet[random() % kAlphabet.size()];
        }
        std::array<unsigned char, 16> bytes;
        const bool known = inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
                           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
        ASSERT_EQ(Address::parse(text).has_value(), known) << text;
    }
}

TEST(Address, OrdersIpv4BeforeIpv6) {
    EXPECT_LT(*Address::parse("255.255.255.255"), *Address::parse("::"));
    EXPECT_LT(*Address::parse("9.255.255.255"), *Address::parse("10.0.0.0"));
    EXPECT_LT(*Address::parse("1::ffff:ffff:ffff:ffff"), *Address::parse("1:0:0:1::"));
}

}  // namespace
}  // namespace ipfence::address_test
