#include "engine/credential/percent_decoding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ipfence::percent_decoding_test {
namespace {

std::optional<std::string> decoded(std::string_view text) {
    std::vector<char> out(text.size());
    const auto view = decode_form_text(text, out);
    return view ? std::optional<std::string>(*view) : std::nullopt;
}

TEST(PercentDecoding, DecodesEscapesAndPlus) {
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("a+b"), "a b");
    EXPECT_EQ(decoded("a%2Bb"), "a+b");
    EXPECT_EQ(decoded("%41%4a%4A"), "AJJ");
    EXPECT_EQ(decoded("caf%C3%A9"), "caf\u00e9");
    EXPECT_EQ(decoded("%00%ff"), std::string("\0\xff", 2));
    EXPECT_EQ(decoded("%2541"), "%41");
    EXPECT_EQ(decoded("caf\u00e9;"), "caf\u00e9;");
}

TEST(PercentDecoding, DecodesATextWhereItIs) {
    for (const char *text : {"", "a", "a+b", "%41", "a%2541b+%20", "%c3%a9+caf%C3%A9"}) {
        std::string place(text);
        EXPECT_EQ(decode_form_text(place, place), decoded(text)) << text;
    }
}

TEST(PercentDecoding, AnEscapeIsTwoHexadecimalDigits) {
    for (const char *text : {"%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%+4", "%-4", "%0x",
                             "% 4", "%4 ", "%%41", "%u0041", "%4%41"}) {
        EXPECT_EQ(decoded(text), std::nullopt) << text;
    }
    // What follows the view does not complete it.
    EXPECT_EQ(decoded(std::string_view("a%41").substr(0, 3)), std::nullopt);
    EXPECT_EQ(decoded(std::string_view("a%41").substr(0, 2)), std::nullopt);
}

}  // namespace
}  // namespace ipfence::percent_decoding_test
