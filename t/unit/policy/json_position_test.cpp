#include "engine/policy/json_position.hpp"

#include <gtest/gtest.h>

namespace ipfence {
namespace {

TEST(JsonPosition, MembersStandWhereTheirKeysDoAndElementsWhereTheyDo) {
    const JsonPositions positions = find_json_positions(R"({
  "a": {"b":
    [1,
     {"c": "x,]}\"{["},
     [ ],
     [true]]
  },

  "d": null})");
    EXPECT_EQ(positions.lines.at("a"), 2u);
    EXPECT_EQ(positions.lines.at("a.b"), 2u);
    EXPECT_EQ(positions.lines.at("a.b[0]"), 3u);
    EXPECT_EQ(positions.lines.at("a.b[1]"), 4u);
    EXPECT_EQ(positions.lines.at("a.b[1].c"), 4u);
    EXPECT_EQ(positions.lines.at("a.b[2]"), 5u);
    EXPECT_EQ(positions.lines.at("a.b[3][0]"), 6u);
    EXPECT_EQ(positions.lines.at("d"), 9u);
    EXPECT_EQ(positions.lines.size(), 9u);
    EXPECT_TRUE(positions.duplicates.empty());
}

TEST(JsonPosition, DuplicatesAreFoundWhateverTheirSpelling) {
    const JsonPositions positions = find_json_positions(
        "{\"sub\": 1,\n\"s\\u0075b\": {\"x\": 1,\n"
        "\"x\": 2},\n\"sub\": 3}");
    ASSERT_EQ(positions.duplicates.size(), 3u);
    EXPECT_EQ(positions.duplicates[0].path, "sub");
    EXPECT_EQ(positions.duplicates[0].line, 2u);
    EXPECT_EQ(positions.duplicates[0].first_line, 1u);
    EXPECT_EQ(positions.duplicates[1].path, "sub.x");
    EXPECT_EQ(positions.duplicates[1].line, 3u);
    EXPECT_EQ(positions.duplicates[2].line, 4u);
}

// Its value is that of the last one, and so are the faults in it.
TEST(JsonPosition, AKeyThatIsGivenTwiceStandsWhereTheLastOneDoes) {
    const JsonPositions positions =
        find_json_positions("{\"s\": {\"list\": [1,\n2]},\n\"s\": {\"list\":\n[3]}}");
    EXPECT_EQ(positions.lines.at("s"), 3u);
    EXPECT_EQ(positions.lines.at("s.list"), 3u);
    EXPECT_EQ(positions.lines.at("s.list[0]"), 4u);
    ASSERT_EQ(positions.duplicates.size(), 1u);
    EXPECT_EQ(positions.duplicates[0].first_line, 1u);
}

TEST(JsonPosition, KeysOfTwoObjectsWithTheSamePathAreNoDuplicates) {
    const JsonPositions positions = find_json_positions(
        "{\"web\": {\"name\": 1, \"list\": [1]},\n\"web.name\": 2,\n\"web.list[0]\": 3,\n"
        "\"web.name\": 4}");
    ASSERT_EQ(positions.duplicates.size(), 1u);
    EXPECT_EQ(positions.duplicates[0].path, "web.name");
    EXPECT_EQ(positions.duplicates[0].line, 4u);
    EXPECT_EQ(positions.duplicates[0].first_line, 2u);
}

TEST(JsonPosition, KeysAreDecoded) {
    const JsonPositions positions = find_json_positions("{\"a\\\"b\\n\": {\"\\u00e9\": 1}}");
    EXPECT_TRUE(positions.lines.contains("a\"b\n.\u00e9"));
}

TEST(JsonPosition, EndsWithWhateverText) {
    for (const char *text : {"", "1", "\"x\"", "[]", "{}", "[[[]]]", "null  ", "[1,2]"}) {
        EXPECT_TRUE(find_json_positions(text).duplicates.empty()) << text;
    }
}

}  // namespace
}  // namespace ipfence
