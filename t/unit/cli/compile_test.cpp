#include <gtest/gtest.h>
#include <sys/stat.h>

#include "t/unit/cli/program.hpp"

namespace ipfence::test {
namespace {

constexpr std::string_view kRequests =
    R"({"operation": "login", "user": "alice@example.com", "ip": "203.0.113.9"}
{"operation": "login", "user": "alice@example.com", "ip": "198.51.100.9"}
{"operation": "login", "user": "nobody", "app": "mobile-client-id", "flow": "web_server"}
)";

TEST(Compile, EveryCallTakesEitherForm) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const std::string compiled = files.path("policy.ipf");
    const Completed compile = call({"compile", policy, "-o", compiled});
    ASSERT_EQ(compile.exit_code, 0) << compile.errors;
    EXPECT_EQ(compile.errors, "") << "no progress bar where there is no terminal";
    EXPECT_EQ(compile.output.rfind(compiled + ": policy ", 0), 0U) << compile.output;

    const std::string counted = call({"check", policy}).output.substr(policy.size());
    EXPECT_EQ(call({"check", compiled}).output, compiled + counted) << "also the policy's hash";
    const Completed decided = call({"decide", "--policy", compiled}, kRequests);
    EXPECT_EQ(decided.exit_code, 0);
    EXPECT_EQ(decided.output, call({"decide", "--policy", policy}, kRequests).output);
    EXPECT_EQ(
        call({"explain", "--policy", compiled, "--operation", "login", "--user", "alice"}).output,
        call({"explain", "--policy", policy, "--operation", "login", "--user", "alice"}).output);
}

TEST(Compile, AFaultyPolicyWritesNothing) {
    const Files files;
    const std::string policy = files.write("policy.json", R"({"ipfence": 1})");
    const std::string compiled = files.write("policy.ipf", "the old one");
    const Completed compile = call({"compile", policy, "-o", compiled});
    EXPECT_EQ(compile.exit_code, 1);
    EXPECT_EQ(compile.output, "");
    EXPECT_EQ(compile.errors, call({"check", policy}).errors);
    struct stat status {};
    ASSERT_EQ(::stat(compiled.c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 11) << "it is as it was";
}

TEST(Compile, AFileThatIsDamagedIsRefusedByName) {
    const Files files;
    const std::string compiled = files.write("policy.ipf", "ipfenceP and then nothing");
    const Completed check = call({"check", compiled});
    EXPECT_EQ(check.exit_code, 1);
    EXPECT_EQ(check.errors, compiled + ": the compiled policy is cut short\n");
}

TEST(Compile, NeedsAFileToWrite) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    EXPECT_EQ(call({"compile", policy}).exit_code, 2);
    const Completed compile = call({"compile", policy, "-o", files.path("missing/policy.ipf")});
    EXPECT_EQ(compile.exit_code, 1);
    EXPECT_NE(compile.errors.find("cannot be created"), std::string::npos) << compile.errors;
}

}  // namespace
}  // namespace ipfence::test
