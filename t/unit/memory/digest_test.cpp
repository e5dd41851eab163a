#include "engine/memory/digest.hpp"

#include <gtest/gtest.h>

#include <array>

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

}  // namespace
}  // namespace ipfence
