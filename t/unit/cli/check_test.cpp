#include <gtest/gtest.h>

#include "t/unit/cli/program.hpp"

namespace ipfence::test {
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
}  // namespace ipfence::test
