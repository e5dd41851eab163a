#include "engine/cli/paragraph.hpp"

#include <gtest/gtest.h>

namespace ipfence::cli::paragraph_test {
namespace {

TEST(Paragraph, OfAShortTextIsALine) {
    EXPECT_EQ(paragraph("  rule  ", "none"), "  rule  none\n");
    EXPECT_EQ(paragraph("label ", ""), "label \n");
}

TEST(Paragraph, FillsEightyColumnsAndNoMore) {
    const std::string forty(40, 'a');
    const std::string thirty_nine(39, 'b');
    EXPECT_EQ(paragraph("", forty + ' ' + thirty_nine), forty + ' ' + thirty_nine + '\n');
    EXPECT_EQ(paragraph("", forty + ' ' + forty), forty + '\n' + forty + '\n');
    EXPECT_EQ(paragraph("1 ", forty + ' ' + thirty_nine),
              "1 " + forty + "\n  " + thirty_nine + '\n');
}

TEST(Paragraph, LeavesALongWordWhole) {
    const std::string long_word(100, 'a');
    EXPECT_EQ(paragraph("1 ", "a " + long_word + " b"), "1 a\n  " + long_word + "\n  b\n");
}

TEST(Paragraph, HasNoCommandsForATerminal) {
    EXPECT_EQ(paragraph("  user  ", "a\u009b31m\u202eb"), "  user  a\\u{9b}31m\\u{202e}b\n");
}

TEST(Paragraph, CountsCharactersAndNotBytes) {
    std::string forty;
    for (int count = 0; count < 40; ++count) {
        forty += "\xc3\xbc";  // ü
    }
    const std::string thirty_nine(39, 'b');
    EXPECT_EQ(paragraph("", forty + ' ' + thirty_nine), forty + ' ' + thirty_nine + '\n');
}

}  // namespace
}  // namespace ipfence::cli::paragraph_test
