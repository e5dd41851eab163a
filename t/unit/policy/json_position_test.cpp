#include "engine/policy/json_position.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <string>
#include <vector>

#include "engine/policy/inspection.hpp"

namespace ipfence::json_position_test {
namespace {

std::string path(std::convertible_to<std::string_view> auto... keys) {
    return (path_step(std::string_view(keys)) + ...);
}

using Paths = std::vector<std::string>;

unsigned line_of(const JsonPositions &positions, const std::string &path) {
    const auto found = positions.lines.find(path);
    return found == positions.lines.end() ? 0 : found->second;
}

TEST(JsonPosition, MembersStandWhereTheirKeysDoAndElementsWhereTheyDo) {
    const std::string list = path("a", "b");
    const Paths paths{path("a"),
                      list,
                      list + path_step(0),
                      list + path_step(1),
                      list + path_step(1) + path("c"),
                      list + path_step(2),
                      list + path_step(3),
                      list + path_step(3) + path_step(0),
                      path("d"),
                      list + path_step(4),
                      path("e")};
    const JsonPositions positions = find_json_positions(R"({
  "a": {"b":
    [1,
     {"c": "x,]}\"{["},
     [ ],
     [true]]
  },

  "d": null})",
                                                        paths);
    constexpr std::array<unsigned, 11> kLines{2, 2, 3, 4, 4, 5, 6, 6, 9, 0, 0};
    for (std::size_t i = 0; i < paths.size(); ++i) {
        EXPECT_EQ(line_of(positions, paths[i]), kLines[i]) << path_text(paths[i]);
    }
    EXPECT_EQ(positions.lines.size(), 9u) << "what is not there has no line";
    EXPECT_TRUE(positions.duplicates.empty());
}

TEST(JsonPosition, OnlyWhatIsAskedForHasALine) {
    const JsonPositions positions =
        find_json_positions(R"({"a": [1, 2], "b": 3})", Paths{path("b")});
    EXPECT_EQ(positions.lines, (decltype(positions.lines){{path("b"), 1u}}));
}

TEST(JsonPosition, DuplicatesAreFoundWhateverTheirSpelling) {
    const JsonPositions positions = find_json_positions(
        "{\"sub\": 1,\n\"s\\u0075b\": {\"x\": 1,\n"
        "\"x\": 2},\n\"sub\": 3}",
        {});
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
    const Paths paths{path("s"), path("s", "list"), path("s", "list") + path_step(0)};
    const JsonPositions positions =
        find_json_positions("{\"s\": {\"list\": [1,\n2]},\n\"s\": {\"list\":\n[3]}}", paths);
    EXPECT_EQ(line_of(positions, path("s")), 3u);
    EXPECT_EQ(line_of(positions, path("s", "list")), 3u);
    EXPECT_EQ(line_of(positions, path("s", "list") + path_step(0)), 4u);
    ASSERT_EQ(positions.duplicates.size(), 1u);
    EXPECT_EQ(positions.duplicates[0].first_line, 1u);
}

TEST(JsonPosition, KeysOfTwoObjectsThatReadTheSameAreNotTheSame) {
    const Paths paths{path("web", "name"), path("web.name"), path("web", "list") + path_step(0),
                      path("web.list[0]")};
    const JsonPositions positions = find_json_positions(
        "{\"web\": {\"name\": 1, \"list\": [1]},\n\"web.name\": 2,\n\"web.list[0]\": 3,\n"
        "\"web.name\": 4}",
        paths);
    ASSERT_EQ(positions.duplicates.size(), 1u);
    EXPECT_EQ(positions.duplicates[0].path, "web.name");
    EXPECT_EQ(positions.duplicates[0].line, 4u);
    EXPECT_EQ(positions.duplicates[0].first_line, 2u);
    EXPECT_EQ(line_of(positions, path("web", "name")), 1u);
    EXPECT_EQ(line_of(positions, path("web.name")), 4u);
    EXPECT_EQ(line_of(positions, path("web", "list") + path_step(0)), 1u);
    EXPECT_EQ(line_of(positions, path("web.list[0]")), 3u);
}

TEST(JsonPosition, KeysAreDecoded) {
    const Paths paths{path("a\"b\n", "\u00e9")};
    const JsonPositions positions = find_json_positions("{\"a\\\"b\\n\": {\"\\u00e9\": 1}}", paths);
    EXPECT_TRUE(positions.lines.contains(paths[0]));
}

TEST(JsonPosition, EndsWithWhateverText) {
    for (const char *text : {"", "1", "\"x\"", "[]", "{}", "[[[]]]", "null  ", "[1,2]"}) {
        EXPECT_TRUE(find_json_positions(text, {}).duplicates.empty()) << text;
    }
}

}  // namespace
}  // namespace ipfence::json_position_test
