#include "engine/credential/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "t/unit/credential/encoding.hpp"

namespace ipfence::base64_test {
namespace {

std::optional<std::string> decoded(std::string_view text) {
    std::vector<char> out(base64_decoded_size(text.size()));
    const auto view = decode_base64(text, out);
    return view ? std::optional<std::string>(*view) : std::nullopt;
}

// RFC 4648, section 10.
TEST(Base64, DecodesTheVectorsOfTheRfc) {
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("Zg=="), "f");
    EXPECT_EQ(decoded("Zm8="), "fo");
    EXPECT_EQ(decoded("Zm9v"), "foo");
    EXPECT_EQ(decoded("Zm9vYg=="), "foob");
    EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
    EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
}

// Around the length at which the comparison goes on to its next piece.
TEST(Base64, DecodesEveryLengthAndByte) {
    std::string bytes;
    for (int size = 0; size < 300; ++size) {
        EXPECT_EQ(decoded(base64(bytes)), bytes) << size;
        EXPECT_EQ(decode_base64url(base64url(bytes)), bytes) << size;
        bytes += static_cast<char>(size * 7);
    }
}

TEST(Base64, HasOneSpellingOnly) {
    for (const char *text : {
             "Zg",        // no padding
             "Zg=",       // half of it
             "Zg===",     // too much of it
             "Zm9v====",  // padding after a whole group
             "Zh==",      // trailing bits that are not zero
             "Zm9=",      // the same
             "Zg==Zg==",  // padding in the middle
             "=Zg=",      // padding in front
             "Zm9v\n",    // white space, which EVP_DecodeBlock forgives
             " Zm9v",    "Zm 9v", "Zm9v ", "Zm9v    ", "\nZm9",
             "Zm9-",  // the other alphabet
             "Zm9_",
             "Zm9!",  // no alphabet
             "Z",        "====",  "=",
         }) {
        EXPECT_EQ(decoded(text), std::nullopt) << text;
    }
    EXPECT_EQ(decoded(std::string_view("Zm9v\0\0\0\0", 8)), std::nullopt);
}

// A wrong character far from the start is found as well.
TEST(Base64, ComparesTheWholeText) {
    std::string text = base64(std::string(100, 'x'));
    ASSERT_TRUE(decoded(text));
    ASSERT_TRUE(text.ends_with("eA=="));
    text[text.size() - 3] = 'B';
    EXPECT_EQ(decoded(text), std::nullopt);
}

TEST(Base64Url, TakesItsOwnAlphabetWithoutPadding) {
    EXPECT_EQ(decode_base64url("-_-_"), "\xfb\xff\xbf");
    EXPECT_EQ(decode_base64url(""), "");
    EXPECT_EQ(decode_base64url("Zg"), "f");
    EXPECT_EQ(decode_base64url("Zm8"), "fo");
    for (const char *text :
         {"+/+/", "Zg==", "Zh", "Zm9", "Z", "Zm9vZ", "Zm9v\n", "Zm9v.", "Zg%3d"}) {
        EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
    }
}

// Any byte in any place of texts that end in each way: what is taken is what would be written.
TEST(Base64Url, HasOneSpellingOnly) {
    for (std::size_t size = 1; size <= 70; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'A');
            std::size_t taken = 0;
            for (int byte = 0; byte < 256; ++byte) {
                text[at] = static_cast<char>(byte);
                const auto decoded = decode_base64url(text);
                EXPECT_EQ(is_base64url(text), decoded.has_value()) << size << ' ' << at << byte;
                if (decoded) {
                    ++taken;
                    EXPECT_EQ(base64url(*decoded), text) << size << ' ' << at << ' ' << byte;
                }
            }
            const std::size_t last = size % 4 == 2 ? 4 : size % 4 == 3 ? 16 : 64;
            EXPECT_EQ(taken, size % 4 == 1 ? 0U : at + 1 == size ? last : 64U) << size << ' ' << at;
        }
    }
}

TEST(Base64, TheLenientReaderTakesWhatOthersTake) {
    for (const char *text : {"Zm9vYg==", "Zm9vYg", "Zm9vYh", "Zm9v\nYg==", " Zm9vYg=", "Zm9v!Yg",
                             "=Zm9vYg", "Zm9vYgA"}) {
        EXPECT_TRUE(decode_base64_leniently(text).starts_with("foob")) << text;
    }
    EXPECT_EQ(decode_base64_leniently("-_+/"), "\xfb\xff\xbf");
    EXPECT_EQ(decode_base64_leniently("Zm9vZ"), "foo");
    EXPECT_EQ(decode_base64_leniently("!"), "");
    EXPECT_EQ(decode_base64_leniently(""), "");
}

}  // namespace
}  // namespace ipfence::base64_test
