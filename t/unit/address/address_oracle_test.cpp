#include "engine/address/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace ipfence::address_oracle_test {
namespace {

using Bytes = std::array<unsigned char, 16>;

Address from_bytes(const Bytes &bytes) {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        high = high << 8 | bytes[i];
        low = low << 8 | bytes[i + 8];
    }
    return Address::from_ipv6(high, low);
}

std::string libc_text(int family, const void *bytes) {
    std::array<char, INET6_ADDRSTRLEN> text;
    return inet_ntop(family, bytes, text.data(), text.size());
}

// What the C library, which is the oracle here, takes the text for.
std::optional<Address> libc_address(const std::string &text) {
    in_addr ipv4;
    if (inet_pton(AF_INET, text.c_str(), &ipv4) == 1) {
        return Address::from_ipv4(ntohl(ipv4.s_addr));
    }
    Bytes ipv6;
    if (inet_pton(AF_INET6, text.c_str(), ipv6.data()) == 1) {
        return from_bytes(ipv6);
    }
    return std::nullopt;
}

// Groups of zeros and of small numbers are frequent, so that every shape of `::` occurs.
Bytes random_ipv6(std::mt19937_64 &random) {
    Bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        const auto shape = random() % 4;
        bytes[i] = static_cast<unsigned char>(shape == 3 ? random() : 0);
        bytes[i + 1] = static_cast<unsigned char>(shape >= 2 ? random() : 0);
    }
    return bytes;
}

TEST(AddressOracle, AgreesWithInetNtopOnIpv4) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 20000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random() >> random() % 32);
        const std::uint32_t network_order = htonl(bits);
        const std::string text = libc_text(AF_INET, &network_order);
        EXPECT_EQ(Address::parse(text), Address::from_ipv4(bits)) << text;
        EXPECT_EQ(Address::from_ipv4(bits).text(), text);
    }
}

// Good texts with a few characters changed: the border between address and no address.
TEST(AddressOracle, ReadsEveryChangedTextAsInetPtonDoes) {
    constexpr std::string_view kCharacters = "0123456789abcdefF::::....gG%/[] -+x";
    std::mt19937_64 random(3);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 200000; ++i) {
        const Bytes bytes = random_ipv6(random);
        std::string text = libc_text(random() % 3 == 0 ? AF_INET : AF_INET6, bytes.data());
        for (auto changes = random() % 4; changes > 0 && !text.empty(); --changes) {
            const std::size_t at = random() % text.size();
            const char character = kCharacters[random() % kCharacters.size()];
            switch (random() % 3) {
                case 0:
                    text[at] = character;
                    break;
                case 1:
                    text.insert(at, 1, character);
                    break;
                default:
                    text.erase(at, 1);
            }
        }
        const auto expected = libc_address(text);
        ASSERT_EQ(Address::parse(text), expected) << text;
        ++(expected ? accepted : refused);
    }
    EXPECT_GT(accepted, 10000);
    EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace ipfence::address_oracle_test
