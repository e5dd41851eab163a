#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "t/unit/cli/program.hpp"

namespace ipfence::test::usage_test {
namespace {

bool has(const std::string &text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Usage, VersionIsNameAndNumber) {
    const Completed version = call({"--version"});
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_EQ(version.output, "ipfence " IPFENCE_VERSION "\n");
    EXPECT_EQ(version.errors, "");
}

TEST(Usage, HelpNamesEveryCall) {
    const Completed help = call({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const char *name : {"check", "decide", "explain", "lint", "--version"}) {
        EXPECT_TRUE(has(help.output, name)) << name << " in\n" << help.output;
    }
    EXPECT_EQ(help.errors, "");
}

TEST(Usage, EveryCallHasHelp) {
    for (const char *name : {"check", "decide", "explain"}) {
        const Completed help = call({name, "--help"});
        EXPECT_EQ(help.exit_code, 0) << name;
        EXPECT_TRUE(has(help.output, "POLICY")) << help.output;
        EXPECT_EQ(help.errors, "");
    }
    const std::string explain = call({"explain", "--help"}).output;
    for (const char *option : {"--policy", "--ip", "--user", "--app", "--operation", "--flow",
                               "--refreshed", "--device-activated"}) {
        EXPECT_TRUE(has(explain, option)) << option << " in\n" << explain;
    }
}

TEST(Usage, AWrongCallExitsWithTwo) {
    const std::vector<std::vector<std::string>> wrong_calls = {
        {},
        {"nonsense"},
        {"--nonsense"},
        {"check"},
        {"check", "one.json", "two.json"},
        {"lint"},
        {"lint", "--json"},
        {"lint", "one.conf", "two.conf"},
        {"lint", "-p"},
        {"decide"},
        {"decide", "--policy"},
        {"decide", "--policy", "a.json", "b.json"},
        {"explain", "--policy", "a.json"},
        {"explain", "--operation", "login"},
        {"explain", "--policy", "a.json", "--operation", "Login"},
        {"explain", "--policy", "a.json", "--operation", "login", "--ip", "010.0.0.1"},
        {"explain", "--policy", "a.json", "--operation", "login", "--ip", ""},
        {"explain", "--policy", "a.json", "--operation", "login", "--flow", "oauth"},
        {"explain", "--policy", "a.json", "--operation", "login", "--operation", "refresh"},
        {"check", "a.json", "decide", "--policy", "a.json"},
    };
    for (const std::vector<std::string> &arguments : wrong_calls) {
        const Completed wrong = call(arguments);
        std::string words;
        for (const std::string &argument : arguments) {
            words += ' ' + argument;
        }
        EXPECT_EQ(wrong.exit_code, 2) << "ipfence" << words;
        EXPECT_EQ(wrong.output, "") << "ipfence" << words;
        EXPECT_NE(wrong.errors, "") << "ipfence" << words;
    }
}

TEST(Usage, ACallThatIsNoneIsNamed) {
    const Completed wrong = call({"chekc", "policy.json"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_TRUE(has(wrong.errors, "no subcommand chekc\n")) << wrong.errors;
    EXPECT_TRUE(has(call({}).errors, "A subcommand is required"));
}

// By a shell, which can say how much memory there is.
TEST(Usage, WithoutMemoryACallSaysSo) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer takes more";
#endif
    const Files files;
    std::string ranges = "\"192.0.2.0\"";
    for (int index = 0; index < 200'000; ++index) {
        ranges += ",\"10." + std::to_string(index >> 16) + '.' + std::to_string(index >> 8 & 255) +
                  '.' + std::to_string(index & 255) + '"';
    }
    const std::string policy =
        files.write("policy.json", R"({"ipfence": 1, "organization": {"default_profile": "p"},
            "profiles": {"p": {"login_ip_ranges": [)" +
                                       ranges + "]}}}");
    const std::vector<std::string> calls{"check '", "diff '" + policy + "' '", "decide --policy '"};
    for (const std::string &words : calls) {
        const std::string said = files.path("said");
        const std::string command = "ulimit -v 60000; exec '" IPFENCE_PROGRAM "' " + words +
                                    policy + "' >'" + said + "' 2>&1 </dev/null";
        const int status = std::system(command.c_str());
        ASSERT_TRUE(WIFEXITED(status)) << words;
        EXPECT_EQ(WEXITSTATUS(status), 2) << words;
        std::ifstream output(said);
        std::string line;
        std::getline(output, line);
        EXPECT_EQ(line, "ipfence: there is not enough memory") << words;
    }
}

TEST(Usage, AnAnswerThatCouldNotBeWrittenIsNoSilence) {
    const Files files;
    const std::string policy = files.write("policy.json", example_policy());
    const std::string cases = files.write("cases", "deny login\n");
    const std::vector<std::vector<std::string>> calls = {
        {"check", policy},
        {"explain", "--policy", policy, "--operation", "login"},
        {"diff", policy, policy},
        {"test", policy, cases},
        {"replay", "--policy", policy, "/dev/null"},
        {"compile", policy, "-o", files.path("image")},
        {"--help"},
        {"--version"},
        {"check", "--help"},
    };
    for (const std::vector<std::string> &arguments : calls) {
        const Completed full = call_with_files(arguments, "/dev/null", "/dev/full");
        EXPECT_NE(full.exit_code, 0) << arguments[0];
        EXPECT_TRUE(has(full.errors, "ipfence: standard output could not be written\n"))
            << arguments[0] << full.errors;
    }
}

}  // namespace
}  // namespace ipfence::test::usage_test
