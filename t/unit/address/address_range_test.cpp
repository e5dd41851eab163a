#include "engine/address/address_range.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ipfence::address_range_test {
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

using Notation = AddressRange::Notation;

Address address(std::string_view text) {
    return *Address::parse(text);
}

AddressRange range(std::string_view text) {
    auto result = AddressRange::parse(text);
    EXPECT_TRUE(result.ok()) << text;
    return result.value();
}

// The message, or "" where the text is a range.
std::string refusal(std::string_view text) {
    const auto result = AddressRange::parse(text);
    return result ? "" : result.error().message;
}

// The address with the bits from `first` on set or cleared, one by one.
Address with_bits_from(Address address, unsigned first, bool set) {
    const bool ipv4 = address.family() == Address::Family::ipv4;
    std::uint64_t high = ipv4 ? 0 : address.high();
    std::uint64_t low = ipv4 ? std::uint64_t{address.ipv4()} : address.low();
    for (unsigned bit = first + (ipv4 ? 96 : 0); bit < 128; ++bit) {
        std::uint64_t &half = bit < 64 ? high : low;
        const std::uint64_t mask = std::uint64_t{1} << (63 - bit % 64);
        half = set ? half | mask : half & ~mask;
    }
    return ipv4 ? Address::from_ipv4(static_cast<std::uint32_t>(low))
                : Address::from_ipv6(high, low);
}

TEST(AddressRange, ReadsABlockOfEveryLength) {
    for (const auto &[text, bits] : {std::pair("202.165.90.165", 32u),
                                     std::pair("a5a5:5a5a:a5a5:5a5a:a5a5:5a5a:a5a5:5a5b", 128u)}) {
        for (unsigned prefix = 0; prefix <= bits; ++prefix) {
            const Address first = with_bits_from(address(text), prefix, false);
            const std::string block = first.text() + "/" + std::to_string(prefix);
            const AddressRange read = range(block);
            EXPECT_EQ(read.first(), first) << block;
            EXPECT_EQ(read.last(), with_bits_from(first, prefix, true)) << block;
            EXPECT_EQ(read.notation(), Notation::block);
            EXPECT_EQ(read.text(), block);
        }
    }
}

TEST(AddressRange, ContainsBothEndsAndOneFamily) {
    const AddressRange block = range("198.51.100.0/24");
    EXPECT_TRUE(block.contains(address("198.51.100.0")));
    EXPECT_TRUE(block.contains(address("198.51.100.255")));
    EXPECT_FALSE(block.contains(address("198.51.99.255")));
    EXPECT_FALSE(block.contains(address("198.51.101.0")));
    EXPECT_FALSE(range("::/0").contains(address("198.51.100.7")));
    EXPECT_FALSE(range("0.0.0.0/0").contains(address("::c633:6407")));
}

// An IPv6 block cannot hold IPv4-mapped addresses only in its last part: they are IPv4.
TEST(AddressRange, RefusesABlockThatRunsIntoTheMappedAddresses) {
    for (const char *text : {"::/80", "::fffe:0:0/95", "::fff0:0:0/92"}) {
        EXPECT_NE(refusal(text).find("ends among the IPv4-mapped addresses"), std::string::npos)
            << text;
    }
    for (const char *text : {"::ffff:0:0/95", "::ffff:0:0/0", "::ffff:198.51.100.0/24"}) {
        EXPECT_NE(refusal(text).find("no valid prefix length"), std::string::npos) << text;
    }
}

// threats.md C18: each refusal says what is wrong.
TEST(AddressRange, RefusesHostBits) {
    EXPECT_EQ(refusal("10.0.0.5/8"),
              "\"10.0.0.5/8\" has host bits set; write 10.0.0.0/8 for the block, or the address "
              "alone");
    EXPECT_EQ(refusal("::ffff:198.51.100.7/120"),
              "\"::ffff:198.51.100.7/120\" has host bits set; write 198.51.100.0/24 for the block, "
              "or the address alone");
    for (const char *text : {"128.0.0.0/0", "10.0.0.1/31", "2001:db8::1/32", "2001:db8::1/64",
                             "2001:db8:0:1::/63", "2001:db8::1/127"}) {
        EXPECT_NE(refusal(text).find("has host bits set"), std::string::npos) << text;
    }
}

TEST(AddressRange, RefusesAPrefixLengthThatIsNone) {
    for (const char *text :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/00", "10.0.0.0/-8", "10.0.0.0/+8",
          "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/0x8", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0",
          "10.0.0.0/4294967304", "10.0.0.0/99999999999999999999", "2001:db8::/129",
          "2001:db8::/032", "::ffff:10.0.0.0/129", "10.0.0.0/8-10.0.0.9"}) {
        EXPECT_NE(refusal(text).find("no valid prefix length"), std::string::npos) << text;
    }
}

TEST(AddressRange, RefusesSpansThatAreNone) {
    EXPECT_NE(refusal("10.0.0.9-10.0.0.1").find("inverted"), std::string::npos);
    EXPECT_NE(refusal("2001:db8::2-2001:db8::1").find("inverted"), std::string::npos);
    EXPECT_NE(refusal("10.0.0.1-2001:db8::1").find("one address family"), std::string::npos);
    EXPECT_NE(refusal("::-::ffff:10.0.0.1").find("one address family"), std::string::npos);
}

TEST(AddressRange, NamesTheAddressThatIsNone) {
    for (const auto &[text, named] :
         {std::pair("010.0.0.0/8", "\"010.0.0.0\" is not"),
          std::pair("10.0.0.0-10.0.0.256", "\"10.0.0.256\" is not"),
          std::pair("x-10.0.0.1", "\"x\" is not"), std::pair("", "\"\" is not"),
          std::pair("-", "\"\" is not"), std::pair("/8", "\"\" is not"),
          std::pair("10.0.0.1-", "\"\" is not"),
          std::pair("10.0.0.1 - 10.0.0.2", "\"10.0.0.1 \" is not"),
          std::pair("10.0.0.1-10.0.0.2-10.0.0.3", "\"10.0.0.2-10.0.0.3\" is not"),
          std::pair("fe80::1%eth0", "\"fe80::1%eth0\" is not")}) {
        EXPECT_TRUE(refusal(text).starts_with(named)) << text << ": " << refusal(text);
    }
}

TEST(AddressRange, WritesWhatItReadInCanonicalSpelling) {
    EXPECT_EQ(range("2001:0DB8::/32").text(), "2001:db8::/32");
    EXPECT_EQ(range("192.0.2.4").text(), "192.0.2.4");
    EXPECT_EQ(range("192.0.2.4/32").text(), "192.0.2.4/32");
    EXPECT_EQ(range("192.0.2.4-192.0.2.4").text(), "192.0.2.4-192.0.2.4");
    const std::string longest =
        "fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    EXPECT_EQ(range(longest).text(), longest);
    EXPECT_EQ(longest.size(), AddressRange::kMaxTextLength);
}

}  // namespace
}  // namespace ipfence::address_range_test
