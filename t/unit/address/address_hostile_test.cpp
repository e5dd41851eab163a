#include "engine/address/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ipfence::address_hostile_test {
namespace {

TEST(AddressHostile, LetsTheGapStandForOneGroup) {
    const Address address = Address::from_ipv6(0x0000000200030004, 0x0005000600070008);
    EXPECT_EQ(Address::parse("::2:3:4:5:6:7:8"), address);
    EXPECT_EQ(Address::parse("0:2:3:4:5:6:7:8"), address);
    EXPECT_EQ(Address::parse("1:2:3::5:6:7:8"),
              Address::from_ipv6(0x0001000200030000, 0x0005000600070008));
    EXPECT_EQ(Address::parse("1:2:3:4:5:6:7::"),
              Address::from_ipv6(0x0001000200030004, 0x0005000600070000));
    EXPECT_EQ(Address::parse("1:2:3:4:5::6.7.8.9"),
              Address::from_ipv6(0x0001000200030004, 0x0005000006070809));
}

// threats.md C16.
TEST(AddressHostile, FoldsNoOtherEmbeddedIpv4) {
    for (const char *text :
         {"2002:c633:6407::1", "2001::c633:6407", "::198.51.100.7", "64:ff9b::198.51.100.7",
          "::ffff:0:198.51.100.7", "::fffe:198.51.100.7", "1::ffff:198.51.100.7"}) {
        ASSERT_TRUE(Address::parse(text)) << text;
        EXPECT_EQ(Address::parse(text)->family(), Address::Family::ipv6) << text;
    }
}

// threats.md C05, C06, C12 to C14, C18, C19 and "Facts: Addresses".
TEST(AddressHostile, RefusesEverySpellingThatIsNotAnAddressAlone) {
    for (const char *text : {
             "",
             " ",
             "garbage",
             "unknown",
             "_hidden",
             "for=198.51.100.7",
             "\"203.0.113.9\"",
             "203.0.113.9;x",
             "203.0.113.9/24",
             "203.0.113.9\t",
             "\t203.0.113.9",
             " 203.0.113.9",
             "203.0.113.9 ",
             "203.0.113.9\n",
             "203.0.113.9\r",
             "203.0.113.9,",
             "203.0.113.9 1",
             "10.1.2.3, 10.1.2.4",
             "unix:",
             "any",
             "localhost",
             // octets that some readers take for octal, and numbers for fewer octets
             "010.0.0.1",
             "198.51.100.007",
             "203.0.113.09",
             "00.0.0.0",
             "0.0.0.00",
             "0x0a.0.0.1",
             "0xa000001",
             "167772161",
             "10.1",
             "10.0.1",
             "10",
             "1.2.3.4.5",
             "1.2.3.4.",
             ".1.2.3.4",
             "1..2.3",
             "1.2.3.",
             "1.2.3.256",
             "1.2.3.1000",
             "4294967297.0.0.1",
             "-1.2.3.4",
             "+1.2.3.4",
             "1.2.3.-4",
             "1.2.3.+4",
             "1.2.3. 4",
             "1.2.3.a",
             "1,2,3,4",
             "\xd9\xa1.2.3.4",
             // ports, brackets, zones
             "198.51.100.7:4444",
             "[2001:db8::1]:443",
             "[2001:db8::1]",
             "[198.51.100.7]",
             "fe80::1%eth0",
             "fe80::1%25eth0",
             "fe80::1%",
             "2001:db8::1/64",
             // groups
             ":",
             ":::",
             ":1",
             "1:",
             "::1:",
             ":1::",
             "1:::2",
             "1::2::3",
             "::1::",
             "::::",
             "1:2:3:4:5:6:7",
             "1:2:3:4:5:6:7:8:9",
             "1:2:3:4:5:6:7:8:",
             ":1:2:3:4:5:6:7:8",
             "1:2:3:4:5:6:7:8::",
             "::1:2:3:4:5:6:7:8",
             "1:2:3:4::5:6:7:8",
             "12345::",
             "::00001",
             "::g",
             "::-1",
             "::+1",
             "::0x1",
             "::1 ",
             " ::1",
             "1: :2",
             // an embedded IPv4 address that is not at the end, not strict, or one too many
             "::1.2.3.4:1",
             "1.2.3.4::",
             "1.2.3.4:1:2:3:4:5:6",
             "::1.2.3",
             "::1.2.3.256",
             "::ffff:010.0.0.1",
             "::ffff:1.2.3.4.5",
             "::ffff:1.2.3.4:",
             "::1.2.3.4::",
             "1:2:3:4:5:6:7:1.2.3.4",
             "::1:2:3:4:5:6:7:1.2.3.4",
             "::2:3:4:5:6:7:1.2.3.4",
             "1:2:3:4:5:6::1.2.3.4",
             "1:2:3:4:5:1.2.3.4",
             "::a1.2.3.4",
         }) {
        EXPECT_EQ(Address::parse(text), std::nullopt) << '"' << text << '"';
    }
    EXPECT_EQ(Address::parse(std::string_view("1.2.3.4\0", 8)), std::nullopt);
    EXPECT_EQ(Address::parse(std::string_view("::1\0", 4)), std::nullopt);
    EXPECT_EQ(Address::parse(std::string_view()), std::nullopt);
    EXPECT_EQ(Address::parse(std::string(100000, ':')), std::nullopt);
    EXPECT_EQ(Address::parse(std::string(100000, '1')), std::nullopt);
}

}  // namespace
}  // namespace ipfence::address_hostile_test
