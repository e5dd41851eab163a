#include "engine/store/shared_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ipfence::shared_key_test {
namespace {

// `openssl rand -base64 32` of another day, and what `openssl kdf -keylen 32 -kdfopt digest:SHA256
// -kdfopt hexkey:... -kdfopt info:'ipfence store 1 ...' HKDF` makes of it.
constexpr std::string_view kText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

std::string hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

TEST(SharedKey, DerivesAKeyForEachUse) {
    const auto key = SharedKey::parse(kText);
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(hex(key->digest_key()), "9d5507fb6e86f63e8e4c3ec9e41340e9");
    EXPECT_EQ(hex(key->sealing_key()),
              "e106969c18ec5dc0f3e10de6b0d7e3cf61537b4113a2ee20af68c045a8b4b502");
    EXPECT_EQ(hex(key->event_key()), "abb1a0d5e01f489abb8dfb4a1565bcf8");
}

TEST(SharedKey, SkipsCommentsAndSpace) {
    const auto key = SharedKey::parse("# made in March\r\n\n  " + std::string(kText) + " \r\n\n");
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->digest_key(), SharedKey::parse(kText)->digest_key());
}

TEST(SharedKey, RefusesWhatIsNoKeyWithoutShowingIt) {
    const std::string line(kText);
    for (const std::string &text :
         {std::string(), std::string("# nothing\n"), line + '\n' + line, std::string("!hush!"),
          line.substr(0, 40) + "=", std::string("aHVzaA=="), line.substr(1), line + "=",
          line.substr(0, 20) + '\n' + line.substr(20)}) {
        const auto key = SharedKey::parse(text);
        ASSERT_FALSE(key.ok()) << text;
        EXPECT_EQ(key.error().message.find("hush"), std::string::npos);
        EXPECT_EQ(key.error().message.find("AAEC"), std::string::npos);
    }
}

}  // namespace
}  // namespace ipfence::shared_key_test
