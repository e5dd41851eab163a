#include <gtest/gtest.h>

#include <sstream>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::explain_test {
namespace {

class ExplainCall : public ::testing::Test {
  protected:
    Completed explain(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"explain", "--policy", policy_});
        return call(arguments);
    }

    const Files files_;
    const std::string policy_ = files_.write("policy.json", example_policy());
};

TEST_F(ExplainCall, ShowsInputsStepsRowAndDecision) {
    const Completed shown = explain({"--ip", "::ffff:203.0.113.9", "--user", "alice", "--app",
                                     "mobile", "--operation", "login", "--flow", "web_server"});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(shown.errors, "");
    EXPECT_EQ(shown.output, R"(Inputs
  address    203.0.113.9
  user       alice
  app        mobile: relax_for_activated_devices
  operation  login
  flow       web_server
  session    not refreshed
  device     not activated

Steps
  1  Is this moment checked at all?
     Yes: login always is.
  2  Whose ranges?
     The user's: the policy lists profile "standard".
  3  Are there restrictions?
     Yes: profile "standard" has login IP ranges.
  4  Does the app relax them?
     No: the app is set to relax_for_activated_devices, and this device is not
     activated.
  5  Is it a sensitive operation that is blocked?
     No: login is no sensitive operation.
  6  Is it relaxed?
     No.
  7  Is the address inside the profile's login IP ranges?
     Yes: 203.0.113.9 is inside 203.0.113.0/24.

Row of the table
  relax_for_activated_devices, continuous IP enforcement off
  The profile's ranges are bypassed when (a) the app has an allow list, the flow
  is web server, and the request comes from the list, and only from it; or (b)
  the app has none, the flow is web server or user-agent, and identity was
  verified on this device.

Decision
  decision  allow
  reason    login_ip_range
  rule      203.0.113.0/24
)");
}

TEST_F(ExplainCall, NeedsNothingButPolicyAndOperation) {
    const Completed shown = explain({"--operation", "refresh"});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(shown.output, R"(Inputs
  address    unknown
  user       not identified
  app        none
  operation  refresh
  flow       direct
  session    not refreshed
  device     not activated

Steps
  1  Is this moment checked at all?
     Yes: refresh always is.
  2  Whose ranges?
     Nobody's: the user is not identified.

Row of the table
  enforce, continuous IP enforcement off
  The profile's ranges hold at login and refresh.
  Note: There is no app, so nothing relaxes the ranges.

Decision
  decision  deny
  reason    user_unidentified
  rule      none
)");
}

TEST_F(ExplainCall, ReadsTheFlagsAndTheDefaultFlow) {
    const std::string shown = explain({"--user", "alice", "--app", "mobile", "--operation",
                                       "access", "--refreshed", "--device-activated"})
                                  .output;
    for (const char *line : {"  flow       unknown\n", "  session    refreshed\n",
                             "  device     activated\n", "  reason    not_continuous\n"}) {
        EXPECT_NE(shown.find(line), std::string::npos) << line << "in\n" << shown;
    }
}

// As `--user="$USER"` is where the variable is empty.
TEST_F(ExplainCall, AnEmptyValueBehindAnEqualsSignIsEmpty) {
    EXPECT_EQ(explain({"--user=", "--app=", "--operation=login"}).output,
              explain({"--operation", "login"}).output);
    EXPECT_EQ(explain({"--app=", "--operation=access", "--user=alice"}).output,
              explain({"--operation", "access", "--user", "alice"}).output);
    EXPECT_EQ(explain({"--operation=login", "--ip=", "192.0.2.1"}).exit_code, 2);
    EXPECT_EQ(explain({"--operation=login", "--refreshed="}).exit_code, 2);
    EXPECT_EQ(call({"explain", "--policy=", policy_, "--operation=login"}).exit_code, 2);
}

TEST_F(ExplainCall, TheEmptyNameNamesNobody) {
    EXPECT_EQ(explain({"--user", "", "--app", "", "--operation", "login"}).output,
              explain({"--operation", "login"}).output);
}

TEST_F(ExplainCall, TellsWhomAnAppRunsAs) {
    const std::string shown = explain({"--user", "alice", "--app", "job", "--operation", "login",
                                       "--flow", "client_credentials"})
                                  .output;
    EXPECT_NE(shown.find("  user       batch, whom the app runs as\n"), std::string::npos) << shown;
}

TEST_F(ExplainCall, IsNoWiderThanEightyColumns) {
    for (const char *flow : {"web_server", "device", "unknown", "jwt_bearer"}) {
        for (const char *app : {"mobile", "relaxed", "job", "unlisted"}) {
            std::istringstream shown(
                explain({"--ip", "2001:db8:1234:5678:9abc:def0:1234:5678", "--user", "alice",
                         "--app", app, "--operation", "login", "--flow", flow})
                    .output);
            for (std::string line; std::getline(shown, line);) {
                EXPECT_LE(line.size(), 80U) << line;
            }
        }
    }
}

TEST(ExplainProgram, AClaimOfTheTokenMayNameTheProfile) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": "staff", "profile_claim": "group"},
        "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24"]},
                     "free": {"unrestricted": true}}})");
    const auto explain = [&policy](const char *claim) {
        return call({"explain", "--policy", policy, "--operation", "login", "--user", "carol",
                     "--ip", "192.0.2.1", "--profile-claim", claim})
            .output;
    };
    EXPECT_NE(explain("free").find("  claim      free\n"), std::string::npos);
    EXPECT_NE(explain("free").find("  reason    no_login_ip_ranges\n"), std::string::npos);
    EXPECT_NE(explain("gone").find("  reason    profile_unknown\n"), std::string::npos);
    EXPECT_NE(explain("").find("  reason    profile_unknown\n"), std::string::npos);
}

}  // namespace
}  // namespace ipfence::test::explain_test
