#include <gtest/gtest.h>

#include <algorithm>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::check_test {
namespace {

TEST(Check, APolicyWithoutFaultIsOk) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const Completed check = call({"check", policy});
    EXPECT_EQ(check.exit_code, 0);
    EXPECT_EQ(check.output.rfind(policy + ": ok, 2 users, 2 profiles, 3 apps, policy ", 0), 0U)
        << check.output;
    EXPECT_EQ(check.output.find('\n'), check.output.size() - 1) << "one line";
}

TEST(Check, EveryErrorIsReportedWithFileLineAndPath) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({
  "ipfence": 1,
  "organization": {"default_profile": "standard"},
  "profiles": {
    "standard": {"login_ip_ranges": ["203.0.113.9/24"]}
  },
  "users": {"alice": "gone"}
}
)");
    const Completed check = call({"check", policy});
    EXPECT_EQ(check.exit_code, 1);
    EXPECT_EQ(check.output, "");
    EXPECT_NE(check.errors.find(policy + ":5: profiles.standard.login_ip_ranges[0]: "),
              std::string::npos)
        << check.errors;
    EXPECT_NE(check.errors.find(policy + ":7: users"), std::string::npos) << check.errors;
}

TEST(Check, AFileThatCannotBeReadIsAnError) {
    const Files files;
    for (const std::string &path : {files.path("missing.json"), files.path(".")}) {
        const Completed check = call({"check", path});
        EXPECT_EQ(check.exit_code, 1) << path;
        EXPECT_EQ(check.output, "") << path;
        EXPECT_NE(check.errors.find(path), std::string::npos) << check.errors;
    }
}

TEST(Check, NamesAreNoCommands) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": "\u202e1"},
        "profiles": {"\u202e1": {"login_ip_ranges": ["203.0.113.0/24"]}},
        "apps": {"\u009b2J": {"ip_relaxation": "relax"}}})");
    const Completed check = call({"check", policy, "--keep-reachable", "\u009bm@192.0.2.1"});
    EXPECT_EQ(check.exit_code, 1);
    EXPECT_NE(check.errors.find(R"(: apps.\u{9b}2J.ip_relaxation: relax lets)"), std::string::npos)
        << check.errors;
    EXPECT_NE(check.errors.find(R"(: \u{9b}m could not sign in from 192.0.2.1: )"
                                R"(outside_login_ip_ranges (profiles.\u{202e}1.login_ip_ranges))"),
              std::string::npos)
        << check.errors;
}

TEST(Check, WarnsOfWhatIsSeldomMeant) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": "staff", "continuous_ip_enforcement": true},
        "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24", "203.0.113.7", "192.0.2.1"]},
                     "nobody": {"login_ip_ranges": ["10.0.0.0/7"]}},
        "apps": {"all": {"ip_relaxation": "relax"},
                 "unread": {"ip_relaxation": "enforce", "trusted_ip_ranges": ["192.0.2.1"]},
                 "lost": {"ip_relaxation": "relax_for_activated_devices", "trusted_ip_ranges": ["192.0.2.1"]},
                 "saml": {"ip_relaxation": "relax", "protocols": ["saml"]},
                 "fine": {"ip_relaxation": "relax_for_activated_devices"}}})");
    const Completed check = call({"check", policy});
    EXPECT_EQ(check.exit_code, 0);
    for (const char *warning :
         {"profiles.staff.login_ip_ranges: 203.0.113.7 is inside 203.0.113.0/24 of the same list",
          "is wider than a /8", "profiles.nobody: no user has it",
          "apps.all.ip_relaxation: relax lets its users in from everywhere",
          "apps.unread.trusted_ip_ranges: are read by relax_for_activated_devices only",
          "apps.lost.trusted_ip_ranges: activated devices relax nothing",
          "apps.saml.ip_relaxation: means nothing",
          "apps.all.ip_relaxation: under block_relaxed_apps its users are denied"}) {
        EXPECT_NE(check.errors.find(warning), std::string::npos) << warning << '\n' << check.errors;
    }
    EXPECT_EQ(check.errors.find("apps.fine"), std::string::npos) << check.errors;
}

TEST(Check, WarnsOfContinuousEnforcementOfNothing) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": null, "continuous_ip_enforcement": true},
        "profiles": {"free": {"unrestricted": true}}, "users": {"alice": "free"}})");
    EXPECT_NE(call({"check", policy}).errors.find("there is nothing to enforce"),
              std::string::npos);
}

TEST(Check, WarnsOfARelaxationThatOnlyMeetsAssertions) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": "staff"},
        "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24"]}},
        "apps": {"batch": {"ip_relaxation": "relax_for_refresh_tokens"},
                 "mixed": {"ip_relaxation": "relax_for_refresh_tokens"},
                 "strict": {"ip_relaxation": "enforce"},
                 "unseen": {"ip_relaxation": "relax_for_refresh_tokens"}}})");
    const auto line = [](const std::string &app, const std::string &flow) {
        return R"({"decision":"allow","reason":"login_ip_range","ip":"203.0.113.7","user":"a",)"
               R"("operation":"login","app":")" +
               app + R"(","flow":")" + flow + "\"}\n";
    };
    const std::string log = files.write(
        "audit.ndjson", line("batch", "jwt_bearer") + line("mixed", "saml_bearer") +
                            line("strict", "jwt_bearer") + line("gone", "jwt_bearer") + "\n");
    const std::string more =
        files.write("more.ndjson", line("batch", "saml_bearer") + line("mixed", "web_server"));

    const Completed check = call({"check", policy, "--audit", log, "--audit", more});
    EXPECT_EQ(check.exit_code, 0) << check.errors;
    EXPECT_NE(check.errors.find(policy + ": apps.batch.ip_relaxation: relaxes nothing, since its "
                                         "users only bring assertions, which always enforce (all "
                                         "2 decisions of the audit log)"),
              std::string::npos)
        << check.errors;
    EXPECT_EQ(std::ranges::count(check.errors, '\n'), 1) << check.errors;
    EXPECT_EQ(call({"check", policy}).errors, "");
}

TEST(Check, SaysWhichLinesOfAnAuditLogSaidNothing) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const std::string log = files.write("audit.ndjson", "{\nno line\n");
    const Completed check = call({"check", policy, "--audit", log});
    EXPECT_EQ(check.exit_code, 0);
    EXPECT_NE(check.errors.find("2 lines of the audit log could not be read"), std::string::npos)
        << check.errors;
    const Completed missing = call({"check", policy, "--audit", files.path("missing")});
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_NE(missing.errors.find(files.path("missing")), std::string::npos) << missing.errors;
}

TEST(Check, WhoIsToBeKeptReachableIs) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1,
        "organization": {"default_profile": "staff"},
        "profiles": {"staff": {"login_ip_ranges": ["203.0.113.0/24", "2001:db8::/32"]}}})");
    const auto check = [&](std::initializer_list<const char *> people) {
        std::vector<std::string> arguments{"check", policy};
        for (const char *person : people) {
            arguments.insert(arguments.end(), {"--keep-reachable", person});
        }
        return call(arguments);
    };
    EXPECT_EQ(check({"admin@example.com@203.0.113.7", "admin@2001:db8::7"}).exit_code, 0);
    const Completed locked_out = check({"admin@203.0.113.7", "admin@example.com@192.0.2.1"});
    EXPECT_EQ(locked_out.exit_code, 1);
    EXPECT_NE(locked_out.errors.find("admin@example.com could not sign in from 192.0.2.1: "
                                     "outside_login_ip_ranges (profiles.staff.login_ip_ranges)"),
              std::string::npos)
        << locked_out.errors;
    EXPECT_EQ(check({"admin"}).exit_code, 2);
    EXPECT_EQ(check({"@192.0.2.1"}).exit_code, 2);
}

TEST(Check, TheOtherCallsRefuseAFaultyPolicyToo) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1})");
    const Completed check = call({"check", policy});
    const std::vector<std::vector<std::string>> calls = {
        {"decide", "--policy", policy}, {"explain", "--policy", policy, "--operation", "login"}};
    for (const std::vector<std::string> &arguments : calls) {
        const Completed refused = call(arguments, "{\"operation\": \"login\"}\n");
        EXPECT_EQ(refused.exit_code, 1) << arguments[0];
        EXPECT_EQ(refused.output, "") << arguments[0];
        EXPECT_EQ(refused.errors, check.errors) << arguments[0];
    }
}

}  // namespace
}  // namespace ipfence::test::check_test
