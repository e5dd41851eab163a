#include "engine/policy/visible.hpp"

#include <gtest/gtest.h>

namespace ipfence::visible_test {
namespace {

TEST(Visible, LeavesLettersAsTheyAre) {
    for (const char *text : {"", "a b", "caf\u00e9", "\u6f22\u5b57", "\U0001f511", "a\\u{9b}"}) {
        EXPECT_EQ(visible(text), text);
    }
}

TEST(Visible, ShowsByItsNumberWhatATerminalTakesForACommand) {
    EXPECT_EQ(visible("x\x1b[31mred\x07"), "x\\u{1b}[31mred\\u{7}");
    EXPECT_EQ(visible("a\nb\x7f"), "a\\u{a}b\\u{7f}");
    EXPECT_EQ(visible("\u009b31m"), "\\u{9b}31m");
}

TEST(Visible, ShowsWhatEndsALineIsNotSeenOrTurnsTheText) {
    EXPECT_EQ(visible("a\u0085b\u2028c\u2029"), "a\\u{85}b\\u{2028}c\\u{2029}");
    EXPECT_EQ(visible("\u202etxt.exe\u2066\ufeff\u200b"),
              "\\u{202e}txt.exe\\u{2066}\\u{feff}\\u{200b}");
    EXPECT_EQ(visible("\U000e0041"), "\\u{e0041}");
}

// jansson lets no such text through, and yet nothing is read behind its end.
TEST(Visible, EndsWithATextThatIsCut) {
    EXPECT_EQ(visible("a\xe2\x80"), "a\xe2\x80");
    EXPECT_EQ(visible("\xf0"), "\xf0");
}

}  // namespace
}  // namespace ipfence::visible_test
