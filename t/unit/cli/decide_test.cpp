#include <gtest/gtest.h>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::decide_test {
namespace {

class Decide : public ::testing::Test {
  protected:
    Completed decide(std::string_view input) const {
        return call({"decide", "--policy", policy_}, input);
    }

    // The answer to one line, without its newline.
    std::string answer(std::string_view line) const {
        const Completed completed = decide(std::string(line) + '\n');
        EXPECT_EQ(completed.exit_code, 0);
        EXPECT_EQ(completed.errors, "");
        EXPECT_EQ(completed.output.find('\n'), completed.output.size() - 1) << completed.output;
        return completed.output.substr(0, completed.output.size() - 1);
    }

    const Files files_;
    const std::string policy_ = files_.write("policy.json", example_policy());
};

TEST_F(Decide, AnswersARequestWithEveryMember) {
    EXPECT_EQ(answer(R"({"ip": "203.0.113.9", "user": "alice", "app": "mobile", )"
                     R"("operation": "login", "flow": "web_server", "refreshed": false, )"
                     R"("device_activated": false})"),
              R"({"decision": "allow", "reason": "login_ip_range", "rule": "203.0.113.0/24", )"
              R"("profile": "standard", "relaxation": "relax_for_activated_devices"})");
}

TEST_F(Decide, TakesDefaultsForWhatIsLeftOutOrNull) {
    const std::string no_address =
        R"({"decision": "deny", "reason": "address_unknown", )"
        R"("rule": "profiles.standard.login_ip_ranges", "profile": "standard", "relaxation": null})";
    EXPECT_EQ(answer(R"({"user": "alice", "operation": "login"})"), no_address);
    EXPECT_EQ(answer(R"({"ip": null, "user": "alice", "app": null, "operation": "login", )"
                     R"("flow": null, "refreshed": null, "device_activated": null})"),
              no_address);
    EXPECT_EQ(answer(R"({"operation": "login"})"),
              R"({"decision": "deny", "reason": "user_unidentified", "rule": null, )"
              R"("profile": null, "relaxation": null})");
}

TEST_F(Decide, TheFlowIsUnknownWhereAnAppIsNamedAndItIsNot) {
    const std::string request = R"("ip": "192.0.2.1", "user": "alice", "app": "relaxed", )";
    EXPECT_EQ(answer("{" + request + R"("operation": "login"})"),
              R"({"decision": "deny", "reason": "outside_login_ip_ranges", )"
              R"("rule": "profiles.standard.login_ip_ranges", "profile": "standard", )"
              R"("relaxation": "relax"})");
    EXPECT_EQ(answer("{" + request + R"("operation": "login", "flow": "web_server"})"),
              R"({"decision": "allow", "reason": "relaxed_app", )"
              R"("rule": "apps.relaxed.ip_relaxation", "profile": "standard", )"
              R"("relaxation": "relax"})");
}

// As for the gate, to which an empty client_id is none.
TEST_F(Decide, TheEmptyNameNamesNobody) {
    const std::string rest = R"("ip": "192.0.2.1", "operation": "login")";
    EXPECT_EQ(answer(R"({"user": "alice", "app": "", )" + rest + "}"),
              answer(R"({"user": "alice", )" + rest + "}"));
    EXPECT_EQ(answer(R"({"user": "", "app": "relaxed", )" + rest + "}"),
              answer(R"({"app": "relaxed", )" + rest + "}"));
    EXPECT_EQ(answer(R"({"user": "", "app": "", )" + rest + "}"), answer("{" + rest + "}"));
}

TEST_F(Decide, ShowsTheProfileWhereAnEarlierStepEnded) {
    EXPECT_EQ(answer(R"({"ip": "192.0.2.1", "user": "alice", "operation": "access"})"),
              R"({"decision": "allow", "reason": "not_continuous", )"
              R"("rule": "organization.continuous_ip_enforcement", "profile": "standard", )"
              R"("relaxation": null})");
    EXPECT_EQ(answer(R"({"user": "alice", "app": "job", "operation": "access", )"
                     R"("flow": "client_credentials"})"),
              R"({"decision": "allow", "reason": "not_continuous", )"
              R"("rule": "organization.continuous_ip_enforcement", "profile": "integration", )"
              R"("relaxation": "enforce"})");
}

TEST_F(Decide, AnUnlistedAppEnforces) {
    EXPECT_EQ(answer(R"({"user": "batch", "app": "other", "operation": "login"})"),
              R"({"decision": "allow", "reason": "no_login_ip_ranges", )"
              R"("rule": "profiles.integration.unrestricted", "profile": "integration", )"
              R"("relaxation": "enforce"})");
}

TEST_F(Decide, ReadsTheSessionsState) {
    const std::string request =
        R"({"user": "alice", "app": "mobile", "operation": "login", "flow": "web_server", )";
    EXPECT_NE(answer(request + R"("device_activated": true})").find("activated_device"),
              std::string::npos);
    EXPECT_NE(answer(request + R"("device_activated": false})").find("address_unknown"),
              std::string::npos);
}

TEST_F(Decide, RefusesWhatItDoesNotWhollyUnderstand) {
    const std::pair<const char *, const char *> refused[] = {
        {R"({"operation": "login", "Ip": "192.0.2.1"})", R"(unknown key \"Ip\")"},
        {R"({"operation": "login", "profile": "integration"})", R"(unknown key \"profile\")"},
        {R"({"operation": "login", "": 1})", R"(unknown key \"\")"},
        {R"({"operation": "login", "ip": "010.0.0.1"})", "ip is not an IP address"},
        {R"({"operation": "login", "ip": "192.0.2.1 "})", "ip is not an IP address"},
        {R"({"operation": "login", "ip": "fe80::1%eth0"})", "ip is not an IP address"},
        {R"({"operation": "login", "ip": ""})", "ip is not an IP address"},
        {R"({"operation": "login", "ip": 3221225985})", "ip must be a string"},
        {R"({"operation": "login", "user": ["alice"]})", "user must be a string"},
        {R"({"operation": "login", "app": {}})", "app must be a string"},
        {R"({"operation": "login", "refreshed": "true"})", "refreshed must be true or false"},
        {R"({"operation": "login", "device_activated": 1})",
         "device_activated must be true or false"},
        {R"({"operation": "Login"})", "operation is not an operation"},
        {R"({"operation": 1})", "operation must be a string"},
        {R"({"operation": "login", "flow": "authorization_code"})", "flow is not a flow"},
        {R"({"operation": "login", "flow": true})", "flow must be a string"},
        {R"({"user": "alice"})", "operation is missing"},
        {R"({"operation": null})", "operation is missing"},
        {R"({"operation": "login", "operation": "login"})", "not JSON: duplicate object key"},
        {R"({"user": "alice", "us\u0065r": "batch", "operation": "login"})",
         "not JSON: duplicate object key"},
        {R"({"operation": "login"} {})", "not JSON: "},
        {R"({"operation": "login")", "not JSON: "},
        {R"({"operation": "login", "user": "a\u0000b"})", "not JSON: "},
        {"{\"operation\": \"login\", \"user\": \"\xff\"}", "not JSON: "},
        {"\xef\xbb\xbf{\"operation\": \"login\"}", "not JSON: "},
        {"", "not JSON: "},
        {"  \t\r", "not JSON: "},
        {"[]", "a request is a JSON object"},
        {"null", "a request is a JSON object"},
        {"\"login\"", "a request is a JSON object"},
    };
    for (const auto &[line, message] : refused) {
        const std::string text = answer(line);
        EXPECT_EQ(text.rfind(R"({"error": ")", 0), 0U) << line << " -> " << text;
        EXPECT_NE(text.find(message), std::string::npos) << line << " -> " << text;
    }
}

TEST_F(Decide, AMalformedLineDoesNotStopTheRest) {
    const Completed completed = decide(
        "{\"user\": \"batch\", \"operation\": \"login\"}\n"
        "nonsense\n"
        "\n"
        "{\"operation\": \"login\"}\r\n"
        "{\"user\": \"batch\", \"operation\": \"refresh\"}");  // and no newline at the end
    EXPECT_EQ(completed.exit_code, 0);
    std::vector<std::string> starts;
    std::size_t begin = 0;
    for (std::size_t end; (end = completed.output.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
        starts.push_back(completed.output.substr(begin, 10));
    }
    EXPECT_EQ(begin, completed.output.size());
    EXPECT_EQ(starts, (std::vector<std::string>{R"({"decision)", R"({"error": )", R"({"error": )",
                                                R"({"decision)", R"({"decision)"}))
        << completed.output;
}

TEST_F(Decide, DeepNestingIsAnErrorAndNoCrash) {
    EXPECT_EQ(answer(std::string(60'000, '[')).rfind(R"({"error": "not JSON)", 0), 0U);
}

TEST_F(Decide, NoInputIsNoAnswer) {
    const Completed completed = decide("");
    EXPECT_EQ(completed.exit_code, 0);
    EXPECT_EQ(completed.output, "");
}

}  // namespace
}  // namespace ipfence::test::decide_test
