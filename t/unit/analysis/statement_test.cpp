#include "engine/analysis/statement.hpp"

#include <gtest/gtest.h>

namespace ipfence::statement_test {
namespace {

// The statements of a text, each as its line and its words in brackets and its end; or the error.
std::string read(std::string_view text) {
    StatementReader reader(text);
    std::string all;
    for (;;) {
        const auto statement = reader.next();
        if (!statement) {
            return all + '!' + std::to_string(reader.line()) + ' ' + statement.error().message;
        }
        if (statement->end == Statement::End::text_ends) {
            return all;
        }
        all += std::to_string(statement->line);
        for (const std::string &word : statement->words) {
            all += '[' + word + ']';
        }
        all += ";{}"[static_cast<std::size_t>(statement->end)];
    }
}

TEST(Statement, WordsEndAtSpacesAndSemicolons) {
    EXPECT_EQ(read("user www-data;\n\tevents { }\r\n"), "1[user][www-data];2[events]{2}");
    EXPECT_EQ(read("a b;c{d;}"), "1[a][b];1[c]{1[d];1}");
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read(" \n # nothing\n"), "");
}

TEST(Statement, ALineIsThatOfTheFirstWord) {
    EXPECT_EQ(read("\n\nlog_format x\n 'a'\n 'b';\nnext;"), "3[log_format][x][a][b];6[next];");
}

TEST(Statement, AQuoteOpensAStringOnlyWhereAWordBegins) {
    EXPECT_EQ(read("a 'b; {c} #d' \"e'f\";"), "1[a][b; {c} #d][e'f];");
    EXPECT_EQ(read("a b\"c d\"e;"), "1[a][b\"c][d\"e];");
    EXPECT_EQ(read("a \"\" '';"), "1[a][][];");
    EXPECT_EQ(read("a 'b\nc';\nd;"), "1[a][b\nc];3[d];");
}

TEST(Statement, WhatFollowsAStringMustEndIt) {
    EXPECT_EQ(read("a 'b'c;"), "!1 unexpected \"c\"");
    EXPECT_EQ(read("a 'b'#c\n;"), "!1 unexpected \"#\"");
    EXPECT_EQ(read("if ($a = 'b') {}"), "1[if][($a][=][b][)]{1}");
}

TEST(Statement, AHashIsACommentOnlyWhereAWordBegins) {
    EXPECT_EQ(read("a b#c; # d; e\nf;"), "1[a][b#c];2[f];");
}

TEST(Statement, EscapesAreThoseOfNginx) {
    EXPECT_EQ(read(R"(a "\"\\\'\n\t\r\.\d";)"), "1[a][\"\\'\n\t\r\\.\\d];");
    EXPECT_EQ(read(R"(a b\;c \{ \ d;)"), R"(1[a][b\;c][\{][\ d];)");
}

TEST(Statement, ABraceAfterADollarIsPartOfTheWord) {
    EXPECT_EQ(read("a ${b}c;"), "1[a][${b}c];");
    EXPECT_EQ(read("a $b{ }"), "1[a][$b]{1}");
    EXPECT_EQ(read("a ^/x{2}$ y;"), "1[a][^/x]{1[2}$][y];")
        << "a regular expression with braces needs quotes in nginx, too";
}

TEST(Statement, PunctuationAloneIsAnError) {
    EXPECT_EQ(read(";"), "!1 unexpected \";\"");
    EXPECT_EQ(read("\n{"), "!2 unexpected \"{\"");
    EXPECT_EQ(read("a }"), "!1 unexpected \"}\"");
}

TEST(Statement, AnUnfinishedTextIsAnError) {
    constexpr const char *kEnd = "unexpected end of file, a \";\", \"}\" or quote is missing";
    for (const char *text : {"a", "a ", "a 'b", "a 'b'", "a \\", "a \"\\", "a $", "a ${"}) {
        EXPECT_EQ(read(text), std::string("!1 ") + kEnd) << text;
    }
}

TEST(Statement, EveryByteIsOfSomeUse) {
    EXPECT_EQ(read(std::string_view("a \0\xff;", 5)), std::string("1[a][\0\xff];", 9));
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text = std::string("a ") + static_cast<char>(byte) + "b;\n}";
        EXPECT_NE(read(text), "") << byte;
    }
}

TEST(Statement, AWordOfMoreThanNginxTakesIsAnError) {
    const std::string longest(StatementReader::kMaxWordLength, 'x');
    EXPECT_EQ(read("a " + longest + ';'), "1[a][" + longest + "];");
    EXPECT_EQ(read("a " + longest + "x;"), "!1 a word of more than 4095 bytes");
}

}  // namespace
}  // namespace ipfence::statement_test
