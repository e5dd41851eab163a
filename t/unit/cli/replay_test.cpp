#include <gtest/gtest.h>

#include "engine/json.hpp"
#include "t/unit/cli/program.hpp"

namespace ipfence::test::replay_test {
namespace {

constexpr std::string_view kPolicy = R"({"ipfence": 1,
    "organization": {"default_profile": "standard", "profile_claim": "group"},
    "profiles": {"standard": {"login_ip_ranges": ["203.0.113.0/24"]}, "free": {"unrestricted": true}},
    "users": {"alice": "standard"}, "apps": {"web": {}}})";

std::string line(const std::string &members) {
    return R"({"time":"2026-11-20T10:00:00+00:00","request_id":"r1","phase":"request",)" + members +
           "}\n";
}

std::string login(const char *ip, const char *user, const char *decision, const char *reason) {
    return line(std::string(R"("operation":"login","flow":"web_server","refreshed":false,)") +
                R"("device_activated":false,"ip":")" + ip + R"(","app":"web","user":")" + user +
                R"(","profile":"standard","decision":")" + decision +
                R"(","enforced":true,"reason":")" + reason + '"');
}

class Replay : public testing::Test {
  protected:
    std::string policy() const { return files_.write("policy.json", kPolicy); }
    std::string log(const std::string &text) const { return files_.write("audit.log", text); }

    // A number of the JSON answer, by the keys that lead to it.
    static json_int_t number(const Completed &replay, std::initializer_list<const char *> keys) {
        const OwnedJson document(json_loads(replay.output.c_str(), 0, nullptr));
        const json_t *value = document.get();
        for (const char *key : keys) {
            value = json_object_get(value, key);
        }
        EXPECT_TRUE(json_is_integer(value)) << replay.output;
        return json_integer_value(value);
    }

    Files files_;
};

TEST_F(Replay, CountsWhatFlipsByAppUserAndReason) {
    const std::string audit = log(login("203.0.113.7", "alice", "allow", "login_ip_range") +
                                  login("198.51.100.7", "alice", "allow", "login_ip_range") +
                                  login("203.0.113.8", "bob", "deny", "outside_login_ip_ranges"));
    const Completed replay = call({"replay", "--policy", policy(), "--json", audit});
    EXPECT_EQ(replay.exit_code, 0) << replay.errors;
    EXPECT_EQ(number(replay, {"decisions"}), 3);
    EXPECT_EQ(number(replay, {"flips"}), 2);
    EXPECT_EQ(number(replay, {"allow_to_deny"}), 1);
    EXPECT_EQ(number(replay, {"deny_to_allow"}), 1);
    EXPECT_EQ(number(replay, {"apps", "web", "flips"}), 2);
    EXPECT_EQ(number(replay, {"users", "alice", "decisions"}), 2);
    EXPECT_EQ(number(replay, {"users", "alice", "denied_after"}), 1);
    EXPECT_EQ(number(replay, {"users", "bob", "denied_before"}), 1);
    EXPECT_EQ(number(replay, {"reasons", "login_ip_range", "before"}), 2);
    EXPECT_EQ(number(replay, {"reasons", "login_ip_range", "after"}), 2);
}

TEST_F(Replay, TellsTheFlipsToAPerson) {
    const std::string audit = log(login("198.51.100.7", "alice", "allow", "login_ip_range"));
    const Completed replay = call({"replay", "--policy", policy(), audit});
    EXPECT_EQ(replay.exit_code, 0);
    EXPECT_EQ(
        replay.output.rfind("1 decision replayed, 1 flip: 1 allow -> deny, 0 deny -> allow\n", 0),
        0U)
        << replay.output;
    EXPECT_NE(
        replay.output.find("2026-11-20T10:00:00+00:00 r1 198.51.100.7 user alice app web login "
                           "web_server: login_ip_range -> deny, outside_login_ip_ranges"),
        std::string::npos)
        << replay.output;
}

// Whoever asks for a token chooses the client_id, and the audit log escapes what the JSON here
// undoes.
TEST_F(Replay, ShowsATerminalNoCommandsOfTheLog) {
    const std::string audit =
        log(login("198.51.100.7", "a\\u001b[31mred", "allow", "login_ip_range") +
            line(R"("operation":"login","flow":"web_server","ip":"198.51.100.7","user":"alice",)"
                 R"("app":"\u009b2J\u202e\u2028","decision":"allow","reason":"login_ip_range")"));
    const Completed replay = call({"replay", "--policy", policy(), audit});
    for (const char *command : {"\x1b", "\u009b", "\u202e", "\u2028"}) {
        EXPECT_EQ(replay.output.find(command), std::string::npos) << replay.output;
    }
    EXPECT_NE(replay.output.find("  a\\u{1b}[31mred: 1, "), std::string::npos) << replay.output;
    EXPECT_NE(replay.output.find(" user alice app \\u{9b}2J\\u{202e}\\u{2028} login"),
              std::string::npos)
        << replay.output;
}

TEST_F(Replay, TooManyFlipsFail) {
    const std::string audit = log(login("198.51.100.7", "alice", "allow", "login_ip_range"));
    EXPECT_EQ(call({"replay", "--policy", policy(), "--max-flips", "1", audit}).exit_code, 0);
    EXPECT_EQ(call({"replay", "--policy", policy(), "--max-flips", "0", audit}).exit_code, 1);
    EXPECT_EQ(call({"replay", "--policy", policy(), "--max-flips", "0", audit, audit}).exit_code,
              1);
}

TEST_F(Replay, WhatIsNoNumberOfFlipsIsAWrongCall) {
    const std::string audit = log(login("198.51.100.7", "alice", "allow", "login_ip_range"));
    for (const char *number : {"-1", "-5", "-0", "", " ", "+1", "1x", "x", "0x1", "1.0", "1e3",
                               "18446744073709551616", "99999999999999999999999"}) {
        for (const auto &option :
             {std::vector<std::string>{"--max-flips", number},
              std::vector<std::string>{std::string("--max-flips=") + number}}) {
            std::vector<std::string> arguments{"replay", "--policy", policy()};
            arguments.insert(arguments.end(), option.begin(), option.end());
            arguments.push_back(audit);
            const Completed replay = call(arguments);
            EXPECT_EQ(replay.exit_code, 2) << option.front() << " '" << number << "'";
            EXPECT_EQ(replay.output, "") << option.front() << " '" << number << "'";
            EXPECT_NE(replay.errors, "") << option.front() << " '" << number << "'";
        }
    }
    EXPECT_EQ(call({"replay", "--policy", policy(), "--max-flips", "18446744073709551615", audit})
                  .exit_code,
              0);
}

TEST_F(Replay, LinesThatCannotBeDecidedAreCountedAndShown) {
    const std::string good = login("203.0.113.7", "alice", "allow", "login_ip_range");
    const std::string audit =
        log(good + "\n" + "{\"cut\": \n" + "[]\n" +
            line(R"("decision":"allow","reason":"login_ip_range","operation":"login")") +
            line(R"("decision":"deny","reason":"ambiguous_request","operation":null,"flow":null)") +
            line(R"("decision":"allow","reason":"unheard_of")") + good.substr(0, good.size() - 1));
    const Completed replay = call({"replay", "--policy", policy(), "--json", audit});
    EXPECT_EQ(replay.exit_code, 0);
    EXPECT_EQ(number(replay, {"decisions"}), 2);
    EXPECT_EQ(number(replay, {"without_decision"}), 1);
    EXPECT_EQ(number(replay, {"undecidable"}), 4);
    for (const char *fault : {":3: is no JSON object", ":4: is no JSON object",
                              ":5: flow is missing", ":7: reason is not known"}) {
        EXPECT_NE(replay.output.find(audit + fault), std::string::npos) << fault << replay.output;
    }
}

TEST_F(Replay, WhoAskedWithClientCredentialsIsInTheCandidate) {
    const std::string continuous = files_.write("continuous.json", R"({"ipfence": 1,
        "organization": {"default_profile": "office", "continuous_ip_enforcement": true},
        "profiles": {"office": {"login_ip_ranges": ["203.0.113.0/24"]}},
        "apps": {"service": {"run_as": "robot"}, "machine": {}}})");
    std::string lines;
    for (const char *who :
         {R"("flow":"client_credentials","app":"service")",
          R"("flow":"client_credentials","app":"machine")",
          R"("flow":"client_credentials","app":null)", R"("flow":"web_server","app":"machine")"}) {
        lines += line(std::string(R"("operation":"access","ip":"203.0.113.7","user":null,)") +
                      R"("decision":"allow","reason":"not_continuous",)" + who);
    }
    const Completed replay = call({"replay", "--policy", continuous, "--json", log(lines)});
    EXPECT_EQ(number(replay, {"decisions"}), 2);
    EXPECT_EQ(number(replay, {"reasons", "login_ip_range", "after"}), 1);
    EXPECT_EQ(number(replay, {"reasons", "user_unidentified", "after"}), 1);
    EXPECT_EQ(number(replay, {"flips"}), 1);
    EXPECT_EQ(number(replay, {"undecidable"}), 2);
}

TEST_F(Replay, WhatDependsOnAMissingDatabaseIsNotGuessed) {
    const std::string located = files_.write("located.json", R"({"ipfence": 1,
        "organization": {"default_profile": "office"},
        "networks": {"home": {"ranges": ["203.0.113.0/24"], "countries": ["DE"]}},
        "profiles": {"office": {"login_ip_ranges": ["network:home"]}}})");
    const std::string audit = log(login("203.0.113.7", "alice", "allow", "login_ip_range") +
                                  login("198.51.100.7", "alice", "allow", "login_ip_range"));
    const Completed replay = call({"replay", "--policy", located, "--json", audit});
    EXPECT_EQ(replay.exit_code, 0);
    EXPECT_EQ(number(replay, {"decisions"}), 1) << "in a range, wherever that is";
    EXPECT_EQ(number(replay, {"flips"}), 0);
    EXPECT_EQ(number(replay, {"undecidable"}), 1);
    EXPECT_NE(replay.output.find(":2: depends on where its address is"), std::string::npos)
        << replay.output;
}

// A file that is no audit log has no flips, and must not pass.
TEST_F(Replay, NothingThatCouldBeDecidedIsNoAnswer) {
    EXPECT_EQ(
        call({"replay", "--policy", policy(), "--max-flips", "0", log("GET / 200\n")}).exit_code,
        2);
    EXPECT_EQ(call({"replay", "--policy", policy(), files_.path("gone.log")}).exit_code, 2);
    EXPECT_EQ(call({"replay", "--policy", files_.write("bad.json", "{}"), log("")}).exit_code, 2);
    EXPECT_EQ(call({"replay", "--policy", policy(), log("")}).exit_code, 0);
}

TEST_F(Replay, ReadsStandardInputAndWhatTokensClaimed) {
    const std::string claimed =
        line(R"("operation":"login","flow":"web_server","ip":"198.51.100.7","user":"carol",)"
             R"("claimed_profile":"free","decision":"deny","reason":"outside_login_ip_ranges")");
    const Completed replay = call({"replay", "--policy", policy(), "--json", "-"}, claimed);
    EXPECT_EQ(number(replay, {"deny_to_allow"}), 1);
}

// A claim that is no text names nothing, and the line has no claimed_profile.
TEST_F(Replay, AClaimThatNamesNothingStillNamesNothing) {
    const std::string audit =
        log(line(R"("operation":"login","flow":"web_server","ip":"203.0.113.7","user":"carol",)"
                 R"("decision":"deny","reason":"profile_unknown")"));
    const Completed replay = call({"replay", "--policy", policy(), "--json", audit});
    EXPECT_EQ(number(replay, {"decisions"}), 1);
    EXPECT_EQ(number(replay, {"flips"}), 0) << replay.output;
    EXPECT_EQ(number(replay, {"reasons", "profile_unknown", "after"}), 1);
}

// An input larger than the memory that it may take.
TEST_F(Replay, TakesLittleMemoryForALargeLog) {
    constexpr int kRounds = 60;
    constexpr int kLines = 5'000;
    constexpr long kMostKilobytes = 64 * 1024;
    std::string lines;
    for (int index = 0; index < kLines; ++index) {
        lines += login("203.0.113.7", ("user" + std::to_string(index)).c_str(), "deny",
                       "outside_login_ip_ranges");
    }
    Conversation replay({"replay", "--policy", policy(), "-"});
    for (int round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(replay.say(lines));
    }
    const long memory = replay.peak_memory();
    replay.stop_talking();
    EXPECT_EQ(replay.hear().rfind("300000 decisions replayed, 300000 flips", 0), 0U);
    EXPECT_LT(memory, kMostKilobytes);
    EXPECT_EQ(replay.exit_code(), 0);
}

}  // namespace
}  // namespace ipfence::test::replay_test
