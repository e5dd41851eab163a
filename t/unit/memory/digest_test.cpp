#include "engine/memory/digest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>

namespace ipfence {
namespace {

KeyedDigest digest_with(unsigned char first_byte) {
    std::array<unsigned char, KeyedDigest::kKeySize> key{};
    key[0] = first_byte;
    auto digest = KeyedDigest::with_key(key);
    EXPECT_TRUE(digest.ok());
    return std::move(digest).value();
}

TEST(KeyedDigest, IsTheSameForTheSameTextAndKey) {
    const KeyedDigest one = digest_with(1);
    const KeyedDigest other = digest_with(1);
    EXPECT_EQ(one.digest(Role::token, "", "abc"), other.digest(Role::token, "", "abc"));
    EXPECT_EQ(one.digest(Role::token, "", "abc"), one.digest(Role::token, "", "abc"));
}

TEST(KeyedDigest, DependsOnKeyRoleScopeAndText) {
    const KeyedDigest digest = digest_with(1);
    const auto reference = digest.digest(Role::session, "ab", "c");
    EXPECT_NE(reference, digest_with(2).digest(Role::session, "ab", "c"));
    EXPECT_NE(reference, digest.digest(Role::token, "ab", "c"));
    EXPECT_NE(reference, digest.digest(Role::session, "a", "bc"));
    EXPECT_NE(reference, digest.digest(Role::session, "ab", "d"));
}

// threats.md L10: all of the 128 bits count, and all of the text.
TEST(KeyedDigest, IsSoWideThatNobodyMeetsAnother) {
    const KeyedDigest digest = digest_with(1);
    std::set<std::array<std::uint64_t, 2>> seen;
    std::array<std::uint64_t, 2> ones{};
    std::array<std::uint64_t, 2> zeros{};
    constexpr int kTokens = 200'000;
    for (int number = 0; number < kTokens; ++number) {
        const auto one = digest.digest(Role::token, "", "token-" + std::to_string(number));
        ASSERT_TRUE(one);
        seen.insert(one->words);
        for (std::size_t word = 0; word < ones.size(); ++word) {
            ones[word] |= one->words[word];
            zeros[word] |= ~one->words[word];
        }
    }
    EXPECT_EQ(seen.size(), kTokens) << "of 32 bits, some four collide";
    EXPECT_EQ(ones, (std::array{UINT64_MAX, UINT64_MAX}));
    EXPECT_EQ(zeros, (std::array{UINT64_MAX, UINT64_MAX}));
}

}  // namespace
}  // namespace ipfence
