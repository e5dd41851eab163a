#include "engine/memory/digest.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace ipfence::digest_test {
namespace {

KeyedDigest digest_with(unsigned char first_byte) {
    KeyedDigest::Key key{};
    key[0] = first_byte;
    return KeyedDigest(key);
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

// OpenSSL's own SipHash, in one call, of what the digest is of: the role and the scope's length in
// 8 bytes, the scope, the text.
Digest siphash_of(const KeyedDigest::Key &key, Role role, const std::string &scope,
                  const std::string &text) {
    const std::uint64_t prefix = scope.size() << 8 | static_cast<std::uint64_t>(role);
    std::string message(reinterpret_cast<const char *>(&prefix), sizeof(prefix));
    message += scope + text;
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    std::size_t size = 0;
    EXPECT_NE(EVP_Q_mac(nullptr, "SIPHASH", nullptr, nullptr, nullptr, key.data(), key.size(),
                        reinterpret_cast<const unsigned char *>(message.data()), message.size(),
                        mac.data(), mac.size(), &size),
              nullptr);
    EXPECT_EQ(size, sizeof(Digest));
    Digest digest;
    std::memcpy(digest.words.data(), mac.data(), sizeof(digest.words));
    return digest;
}

TEST(KeyedDigest, IsSipHashOfPrefixScopeAndText) {
    KeyedDigest::Key key;
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = static_cast<unsigned char>(i);
    }
    const KeyedDigest digest(key);
    std::vector<std::size_t> sizes{2040, 2041, 8191, 65536};
    for (std::size_t size = 0; size < 300; ++size) {
        sizes.push_back(size);
    }
    for (const std::size_t size : sizes) {
        const std::string text(size, static_cast<char>('a' + size % 26));
        EXPECT_EQ(digest.digest(Role::token, "", text), siphash_of(key, Role::token, "", text))
            << size;
        EXPECT_EQ(digest.digest(Role::session, "sid", text),
                  siphash_of(key, Role::session, "sid", text))
            << size;
    }
}

}  // namespace
}  // namespace ipfence::digest_test
