#include <gtest/gtest.h>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::test_test {
namespace {

class PolicyTest : public testing::Test {
  protected:
    Completed run(const std::string &cases) const {
        const std::string policy = files_.write("policy.json", R"({"ipfence": 1,
            "organization": {"default_profile": "staff", "profile_claim": "group",
                             "continuous_ip_enforcement": true},
            "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24"]},
                         "free": {"unrestricted": true}},
            "apps": {"web": {"ip_relaxation": "relax_for_refresh_tokens"}, "two words": {}}})");
        return call({"test", policy, files_.write("cases", cases)});
    }
    Files files_;
};

TEST_F(PolicyTest, CasesThatHoldPass) {
    const Completed test = run(
        "# who may sign in from where\n"
        "\n"
        "allow login  user=alice ip=203.0.113.7   # the office\n"
        "deny  login  user=alice ip=192.0.2.1 reason=outside_login_ip_ranges\n"
        "allow refresh user=alice ip=192.0.2.1 app=web flow=web_server reason=refresh_token\n"
        "deny  access user=alice app=web flow=web_server reason=address_unknown\r\n"
        "\tallow access user=alice app=web flow=web_server refreshed\n"
        "deny password_change user=alice ip=203.0.113.7 app=web flow=web_server refreshed "
        "device_activated\n"
        "allow login user=carol profile_claim=free ip=192.0.2.1 rule=profiles.free.unrestricted\n"
        "allow login user=\"alice b\" app=\"two words\" ip=203.0.113.7 rule=203.0.113.0/24");
    EXPECT_EQ(test.exit_code, 0) << test.errors << test.output;
    EXPECT_EQ(test.output, "8 passed, 0 failed\n");
}

// As nginx does not, where no claim is named.
TEST_F(PolicyTest, AClaimIsNotHeardWhereThePolicyNamesNone) {
    const std::string policy = files_.write("deaf.json", R"({"ipfence": 1,
        "organization": {"default_profile": "staff"},
        "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24"]},
                     "free": {"unrestricted": true}}})");
    const std::string cases = files_.write("cases",
                                           "deny login user=carol profile_claim=free ip=192.0.2.1 "
                                           "reason=outside_login_ip_ranges\n");
    const Completed test = call({"test", policy, cases});
    EXPECT_EQ(test.output, "1 passed, 0 failed\n") << test.errors;
}

TEST_F(PolicyTest, TheEmptyNameNamesNobody) {
    const Completed test =
        run("deny login user= ip=203.0.113.7 reason=user_unidentified\n"
            "allow login user=alice app=\"\" ip=203.0.113.7 rule=203.0.113.0/24\n"
            "deny password_change user=alice app= ip=192.0.2.1 reason=outside_login_ip_ranges\n");
    EXPECT_EQ(test.output, "3 passed, 0 failed\n") << test.errors;
}

TEST_F(PolicyTest, NamesAreNoCommands) {
    const std::string policy = files_.write("commands.json", R"({"ipfence": 1,
        "organization": {"default_profile": "\u009b2J"},
        "profiles": {"\u009b2J": {"login_ip_ranges": ["203.0.113.0/24"]}}})");
    const std::string cases =
        files_.write("cases", "allow login user=alice rule=\u202e\nx\u202e\n");
    const Completed test = call({"test", policy, cases});
    EXPECT_EQ(test.exit_code, 2);
    for (const char *command : {"\u009b", "\u202e"}) {
        EXPECT_EQ((test.output + test.errors).find(command), std::string::npos) << test.output;
    }
    EXPECT_NE(test.output.find(R"(expected allow, \u{202e}; got deny, address_unknown, )"
                               R"(profiles.\u{9b}2J.login_ip_ranges)"),
              std::string::npos)
        << test.output;
}

TEST_F(PolicyTest, CasesThatDoNotAreExplained) {
    const Completed test =
        run("allow login user=alice ip=192.0.2.1\n"
            "deny login user=alice ip=192.0.2.1 reason=address_unknown\n"
            "allow login user=alice ip=203.0.113.7 rule=203.0.113.0/25\n");
    EXPECT_EQ(test.exit_code, 1);
    EXPECT_NE(test.output.find("cases:1: expected allow; got deny, outside_login_ip_ranges, "
                               "profiles.staff.login_ip_ranges\n"),
              std::string::npos)
        << test.output;
    EXPECT_NE(test.output.find("No: 192.0.2.1 is outside all of them."), std::string::npos);
    EXPECT_NE(test.output.find("cases:2: "), std::string::npos);
    EXPECT_NE(test.output.find("0 passed, 3 failed\n"), std::string::npos);
}

TEST_F(PolicyTest, WhatIsNoCaseIsNeverPassedOver) {
    for (const char *line :
         {"alow login", "allow", "allow fly", "allow login user", "allow login user=a user=b",
          "allow login ip=1.2.3", "allow login flow=x", "allow login reason=x", "deny login who=a",
          "allow login user=\"a"}) {
        const Completed test =
            run("allow login user=a ip=203.0.113.7\n" + std::string(line) + '\n');
        EXPECT_EQ(test.exit_code, 2) << line;
        EXPECT_NE(test.errors.find("cases:2: "), std::string::npos) << line << test.errors;
    }
    EXPECT_EQ(call({"test", files_.path("policy.json"), files_.path("none")}).exit_code, 2);
}

TEST_F(PolicyTest, SaysWhyNothingWasTried) {
    const Completed none = run("# nothing\n");
    EXPECT_EQ(none.exit_code, 2) << "no case is no test";
    EXPECT_EQ(none.errors, "ipfence: " + files_.path("cases") + ": there is no case in it\n");
    const Completed directory = call({"test", files_.path("policy.json"), files_.path("")});
    EXPECT_EQ(directory.exit_code, 2);
    EXPECT_EQ(directory.errors, "ipfence: " + files_.path("") + ": Is a directory\n");
    EXPECT_EQ(call({"test", files_.path("policy.json"), files_.path("none")}).errors,
              "ipfence: " + files_.path("none") + ": No such file or directory\n");
    const Completed marked = run("\xef\xbb\xbf# who may\n");
    EXPECT_EQ(
        marked.errors,
        files_.path("cases") + ":1: begins with a byte order mark; save it as UTF-8 without one\n");
}

TEST_F(PolicyTest, ThatNoRuleDecidesMayBeExpected) {
    const Completed test =
        run("deny login rule=\"\"\n"
            "allow login user=alice ip=203.0.113.7 rule=\n"
            "deny login rule=203.0.113.0/24\n");
    EXPECT_NE(test.output.find("cases:2: expected allow, no rule; got allow, login_ip_range, "
                               "203.0.113.0/24\n"),
              std::string::npos)
        << test.output;
    EXPECT_NE(test.output.find("cases:3: expected deny, 203.0.113.0/24; got deny, "
                               "user_unidentified, no rule\n"),
              std::string::npos)
        << test.output;
    EXPECT_NE(test.output.find("1 passed, 2 failed\n"), std::string::npos) << test.output;
}

}  // namespace
}  // namespace ipfence::test::test_test
