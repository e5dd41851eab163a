#include "engine/credential/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ipfence::text_test {
namespace {

TEST(Text, Utf8OfEveryLengthIsValid) {
    for (const char *text :
         {"", "alice", "\u00e9", "\u0800", "\u20ac", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
          "\U00010000", "\U0010ffff", "a\u00e9\u20ac\U0001f600z"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Text, WhatIsNotUtf8IsRefused) {
    for (const char *text : {
             "\x80",              // a continuation on its own
             "\xc3",              // cut short
             "\xe2\x82",          // cut short
             "\xf0\x9f\x98",      // cut short
             "\xc3z",             // no continuation
             "\xe2\x82z",         // no second continuation
             "\xc0\xaf",          // overlong `/`
             "\xc1\xbf",          // overlong
             "\xe0\x80\xaf",      // overlong `/`
             "\xe0\x9f\xbf",      // overlong
             "\xf0\x8f\xbf\xbf",  // overlong
             "\xed\xa0\x80",      // first surrogate
             "\xed\xbf\xbf",      // last surrogate
             "\xf4\x90\x80\x80",  // above U+10FFFF
             "\xf5\x80\x80\x80",  // leads nothing
             "\xff",              // leads nothing
             "caf\xe9",           // Latin-1
         }) {
        EXPECT_FALSE(is_utf8(text)) << text;
    }
}

TEST(Text, EveryControlByteIsFound) {
    for (int code = 0; code < 0x100; ++code) {
        const std::string text{'a', static_cast<char>(code), 'b'};
        EXPECT_EQ(has_control_byte(text), code < 0x20 || code == 0x7f) << code;
    }
}

TEST(Text, NamesAreReadableText) {
    EXPECT_TRUE(is_name("alice@example.com"));
    EXPECT_TRUE(is_name("J\u00fcrgen M\u00fcller"));
    EXPECT_FALSE(is_name(""));
    EXPECT_FALSE(is_name("alice\n"));
    EXPECT_FALSE(is_name(std::string_view("alice\0", 6)));
    EXPECT_FALSE(is_name("caf\xe9"));
}

}  // namespace
}  // namespace ipfence::text_test
