#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::users_file_test {
namespace {

constexpr std::string_view kPolicy = R"({"ipfence": 1, "organization": {"default_profile": null},
"profiles": {"p": {"unrestricted": true}}, "users": {"listed": "p"}, "users_file": "users.ndjson"})";

class UsersFile : public testing::Test {
  protected:
    PolicyLoad load(std::string_view users) {
        files_.write("users.ndjson", users);
        return files_.load(kPolicy);
    }

    std::string errors(std::string_view users) { return files_.text(load(users).errors); }

    TemporaryFiles files_;
};

TEST_F(UsersFile, ReadsUsers) {
    const PolicyLoad loaded = load(
        "{\"user\": \"a\", \"profile\": \"p\"}\n"
        "{\"profile\": \"p\", \"user\": \"b\"}\n{\"users\": 2}\n");
    ASSERT_TRUE(loaded.policy) << files_.text(loaded.errors);
    EXPECT_EQ(loaded.policy->users(), 3u);
    EXPECT_NE(loaded.policy->find_user("b"), nullptr);
}

TEST_F(UsersFile, EveryFaultIsNamed) {
    EXPECT_EQ(errors(""),
              "users.ndjson:1: the line {\"users\": N} is missing at the end: the file is "
              "cut short\n");
    EXPECT_EQ(errors("{\"users\": 1}\n"),
              "users.ndjson:1: users: says 1 users, but there are 0: the file is not whole\n");
    EXPECT_EQ(errors("{\"users\": \"0\"}\n"),
              "users.ndjson:1: must be {\"users\": N}, and nothing "
              "else\n");
    EXPECT_EQ(errors("\xef\xbb\xbf{\"users\": 0}\n"),
              "users.ndjson:1: begins with a byte order mark; save it as UTF-8 without one\n"
              "users.ndjson:1: the line {\"users\": N} is missing at the end: the file is cut "
              "short\n");
    EXPECT_EQ(errors("{\"users\": 0"), "users.ndjson:1: is no whole line: the file is cut short\n");
    EXPECT_EQ(
        errors("{\"user\": \"a\", \"profile\": \"p\"}"),
        "users.ndjson:1: the line {\"users\": N} is missing at the end: the file is cut short\n");
    EXPECT_EQ(errors("{\"users\": 0}\n{\"user\": \"a\", \"profile\": \"p\"}\n"),
              "users.ndjson:2: stands after the line {\"users\": N}, which must be the last\n");
    EXPECT_EQ(
        errors(
            "{\"user\": \"listed\", \"profile\": \"p\"}\n{\"user\": \"a\", \"profile\": \"q\"}\n"
            "{\"user\": \"a\", \"profile\": \"p\"}\n{\"user\": \"\", \"profile\": 1}\n"
            "{\"user\": \"b\"}\n{\"user\": \"c\", \"profile\": \"p\", \"x\": 1}\n{\"users\": 6}\n"),
        "users.ndjson:1: user: \"listed\" is listed twice\n"
        "users.ndjson:2: profile: there is no profile \"q\" in profiles\n"
        "users.ndjson:3: user: \"a\" is listed twice\n"
        "users.ndjson:4: user: must not be empty or hold a control character\n"
        "users.ndjson:4: profile: must be a string, not a number\n"
        "users.ndjson:5: must have profile\n"
        "users.ndjson:6: x: is not a known key; known here: user, profile\n");
    for (const char *line :
         {"\n", "[]\n", "x\n", "{\"user\": \"a\", \"user\": \"b\", \"profile\": \"p\"}\n",
          "{} {}\n"}) {
        EXPECT_NE(errors(std::string(line) + "{\"users\": 0}\n").find("users.ndjson:1:"),
                  std::string::npos)
            << line;
    }
    EXPECT_NE(errors(std::string("{\"user\": \"a\0\", \"profile\": \"p\"}\n{\"users\": 1}\n", 44))
                  .find("users.ndjson:1:"),
              std::string::npos);
    EXPECT_EQ(errors("{\"user\": \"" + std::string(70'000, 'x') + "\"}\n{\"users\": 0}\n"),
              "users.ndjson:1: is longer than 65536 bytes\n");
}

// An editor or a printf may leave out the last line end; the line is whole without it.
TEST_F(UsersFile, OnlyTheLastLineEndMayBeCutOff) {
    const std::string users =
        "{\"user\": \"a\", \"profile\": \"p\"}\n{\"user\": \"b\", \"profile\": \"p\"}\n"
        "{\"users\": 2}\n";
    for (std::size_t size = 0; size <= users.size(); ++size) {
        const PolicyLoad loaded = load(std::string_view(users).substr(0, size));
        const bool is_whole = size + 1 >= users.size();
        EXPECT_EQ(loaded.policy != nullptr, is_whole) << users.substr(0, size);
        EXPECT_EQ(loaded.errors.size(), is_whole ? 0u : 1u) << files_.text(loaded.errors);
        if (!is_whole) {
            EXPECT_TRUE(loaded.errors.front().message.ends_with(": the file is cut short"))
                << files_.text(loaded.errors);
        }
    }
}

// What a crash may leave where the rest of a file had no time to be written.
TEST_F(UsersFile, WhatCannotBeReadIsNotCutShortAsWell) {
    std::filesystem::create_directory(files_.path("users.ndjson"));
    EXPECT_EQ(files_.text(files_.load(kPolicy).errors),
              "users.ndjson: cannot be read: Is a directory\n");
}

TEST_F(UsersFile, ZerosBehindTheEndAreNoEnd) {
    EXPECT_NE(errors(std::string("{\"users\": 0}\0\0\0", 15)), "");
    EXPECT_NE(errors(std::string("{\"users\": 0}\n\0\0", 15)), "");
}

TEST_F(UsersFile, ALineMayHave65536Bytes) {
    const std::string spaces(65536 - std::string_view("{\"users\": 0}").size(), ' ');
    const std::string longest = "{\"users\": 0" + spaces + "}";
    EXPECT_EQ(errors(longest), "");
    EXPECT_EQ(errors(longest + '\n'), "");
    EXPECT_EQ(
        errors(" " + longest),
        "users.ndjson:1: is longer than 65536 bytes\n"
        "users.ndjson:1: the line {\"users\": N} is missing at the end: the file is cut short\n");
}

TEST_F(UsersFile, AThousandFaultsAreEnough) {
    std::string users;
    for (int i = 0; i < 1500; ++i) {
        users += "x\n";
    }
    const PolicyLoad loaded = load(users + "{\"users\": 0}\n");
    ASSERT_EQ(loaded.errors.size(), 1001u);
    EXPECT_EQ(loaded.errors.back().message, "and 500 more errors");
}

TEST_F(UsersFile, ManyUsersLoad) {
    constexpr int kUsers = 100'000;
    std::string users;
    for (int i = 0; i < kUsers; ++i) {
        users += "{\"user\": \"user" + std::to_string(i) + "@example.com\", \"profile\": \"p\"}\n";
    }
    const PolicyLoad loaded = load(users + "{\"users\": 100000}\n");
    ASSERT_TRUE(loaded.policy) << files_.text(loaded.errors);
    EXPECT_EQ(loaded.policy->users(), kUsers + 1u);
}

}  // namespace
}  // namespace ipfence::users_file_test
