#include "engine/address/address_range.hpp"

#include <gtest/gtest.h>

namespace ipfence {
namespace {

// "first last text", or the error.
std::string read(std::string_view text) {
    const auto range = AddressRange::parse(text);
    return range ? range->first().text() + " " + range->last().text() + " " + range->text()
                 : range.error().message;
}

TEST(AddressRange, ReadsEveryNotation) {
    EXPECT_EQ(read("192.0.2.4"), "192.0.2.4 192.0.2.4 192.0.2.4");
    EXPECT_EQ(read("192.0.2.4/32"), "192.0.2.4 192.0.2.4 192.0.2.4/32");
    EXPECT_EQ(read("203.0.113.0/24"), "203.0.113.0 203.0.113.255 203.0.113.0/24");
    EXPECT_EQ(read("0.0.0.0/0"), "0.0.0.0 255.255.255.255 0.0.0.0/0");
    EXPECT_EQ(read("128.0.0.0/1"), "128.0.0.0 255.255.255.255 128.0.0.0/1");
    EXPECT_EQ(read("198.51.100.7-198.51.100.30"),
              "198.51.100.7 198.51.100.30 198.51.100.7-198.51.100.30");
    EXPECT_EQ(read("10.0.0.0-10.0.0.255"), "10.0.0.0 10.0.0.255 10.0.0.0-10.0.0.255");
    EXPECT_EQ(read("2001:DB8::/32"),
              "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db8::/32");
    EXPECT_EQ(read("::/0"), ":: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::/0");
    EXPECT_EQ(read("2001:db8::/64"), "2001:db8:: 2001:db8::ffff:ffff:ffff:ffff 2001:db8::/64");
    EXPECT_EQ(read("2001:db8::8/125"), "2001:db8::8 2001:db8::f 2001:db8::8/125");
    EXPECT_EQ(read("::1/128"), "::1 ::1 ::1/128");
    EXPECT_EQ(read("2001:db8::-2001:db8::f"), "2001:db8:: 2001:db8::f 2001:db8::-2001:db8::f");
}

TEST(AddressRange, FoldsMappedBlocks) {
    EXPECT_EQ(read("::ffff:198.51.100.0/120"), "198.51.100.0 198.51.100.255 198.51.100.0/24");
    EXPECT_EQ(read("::ffff:0:0/96"), "0.0.0.0 255.255.255.255 0.0.0.0/0");
    EXPECT_EQ(read("::ffff:198.51.100.7-::ffff:198.51.100.9"),
              "198.51.100.7 198.51.100.9 198.51.100.7-198.51.100.9");
}

TEST(AddressRange, RefusesWithAReason) {
    EXPECT_EQ(
        read("192.0.2.1/24"),
        "\"192.0.2.1/24\" has host bits set; write 192.0.2.0/24 for the block, or the address "
        "alone");
    EXPECT_EQ(read("2001:db8::1/64"),
              "\"2001:db8::1/64\" has host bits set; write 2001:db8::/64 for the block, or the "
              "address alone");
    EXPECT_EQ(read("10.0.0.9-10.0.0.1"),
              "\"10.0.0.9-10.0.0.1\" is inverted: its first address is above its last");
    EXPECT_EQ(read("10.0.0.1-2001:db8::"),
              "\"10.0.0.1-2001:db8::\" goes from one address family to the other");
    for (const char *text :
         {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.0/8/8",
          "::/129", "10.0.0.0/99999999999", "::ffff:1.2.3.0/24", "10.0.0.0/255.0.0.0"}) {
        EXPECT_NE(read(text).find("no valid prefix length"), std::string::npos) << text;
    }
    for (const char *text :
         {"", "any", "010.0.0.0/8", "10.0.0.0-", "-10.0.0.0", "10.0.0.1 - 10.0.0.2",
          "10.0.0.1-10.0.0.2-10.0.0.3", "network:hq", "fe80::1%1/64"}) {
        EXPECT_NE(read(text).find("is not an IPv4 or IPv6 address"), std::string::npos) << text;
    }
    EXPECT_NE(read("::fffe:0:0/95").find("ends among the IPv4-mapped"), std::string::npos);
}

}  // namespace
}  // namespace ipfence
