#include "engine/credential/cookie_spelling.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ipfence::cookie_spelling_test {
namespace {

std::string one(std::string_view value) {
    return one_spelling_of_cookie(value).value_or(std::string(value));
}

// Of 32 bytes: two bits of the last character mean nothing.
constexpr std::string_view kSignature = "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g8";

TEST(CookieSpelling, ASignatureOfAJwtHasOne) {
    const std::string head = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.";
    const std::string jwt = head + std::string(kSignature);
    EXPECT_EQ(one_spelling_of_cookie(jwt), std::nullopt) << "it is the canonical one";
    for (const std::string_view signature : {
             "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g9",
             "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g-",
             "Yhv+Z/0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g8",
             "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g8=",
             "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g8==x",
             "!Yhv-Z_0S3dWvqJx*J8mXl3R4bTz9m3pKq0aWc7HfE2g8",
         }) {
        EXPECT_EQ(one(head + std::string(signature)), jwt) << signature;
    }
    EXPECT_NE(one(head + "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2h8"), jwt);
    EXPECT_NE(one("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyb2JpbiJ9." + std::string(kSignature)), jwt);
}

TEST(CookieSpelling, SoHasWhatIsBase64AtItsEnd) {
    const std::string value = "MTcwMDAwMDAwMHxEWDhFQVFMX2dBQUJFQUVRQUFBX180SUFBUVp6ZEhKcGJtY01C";
    EXPECT_EQ(one(value), value) << "no bits are spare";
    EXPECT_EQ(one(value + "QQ"), value + "QQ");
    EXPECT_EQ(one(value + "QR=="), value + "QQ");
    EXPECT_EQ(one(value + "QUI="), value + "QUI");
    EXPECT_EQ(one(value + "QUL"), value + "QUI");
    EXPECT_EQ(one("{\"user\":1}.aYqj4Q." + std::string(kSignature.substr(0, 26)) + "9"),
              "{\"user\":1}.aYqj4Q." + std::string(kSignature.substr(0, 26)) + "8")
        << "a signature of 20 bytes";
    EXPECT_EQ(one("Yhv+Z/0S3dWvqJxJ8mXl3R4bTz9"), "Yhv-Z_0S3dWvqJxJ8mXl3R4bTz8") << "alone";
}

TEST(CookieSpelling, WhatIsNoSignatureStaysAsItIs) {
    for (const std::string_view value :
         {"", "=", "session-17", "alice", "0123456789abcdef0123456789abcdef",
          "s:bT1Zq3nO8a5sW7xK2vLr9cYd0pHf4gJ1.x", "0190a6f3-7c1e-7d52-9b1f-4f8a6c2e1d3b",
          "4f8a6c2e1d3b0190a6f37c1e7d.node1", "V1StGXR8_Z5jdHi6B-myT", "a.b.c", "eyJ..",
          "session.0190a6f3-7c1e-7d52.node1x", "eyJ0aGlzIjoic2Vzc2lvbiJ9.node1x", "eyJ.a.bx",
          "users_of_this_session_are=alice", "sessions_with_a_long_name_here=2"}) {
        EXPECT_EQ(one(value), value);
    }
}

}  // namespace
}  // namespace ipfence::cookie_spelling_test
