#include "engine/policy/load_policy.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <set>
#include <string>
#include <thread>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::load_policy_test {
namespace {

// The example of the interface, whole.
constexpr std::string_view kExample = R"({
  "ipfence": 1,
  "organization": {
    "continuous_ip_enforcement": true,
    "sensitive_operations": "block_relaxed_sessions",
    "default_profile": "standard",
    "default_app": {"ip_relaxation": "enforce"},
    "user_claims": ["preferred_username", "sub"],
    "profile_claim": "profile",
    "verification_claims": {"amr": ["mfa", "otp", "hwk"], "acr": ["urn:example:mfa"]}
  },
  "networks": {
    "hq": ["203.0.113.0/24", "2001:db8::/32"],
    "vpn": {"ranges": ["198.51.100.7-198.51.100.30"], "countries": ["DE"], "asns": [64496]}
  },
  "profiles": {
    "standard": {"login_ip_ranges": ["network:hq", "192.0.2.4"]},
    "integration": {"unrestricted": true}
  },
  "users": {"alice@example.com": "standard"},
  "users_file": "users.ndjson",
  "apps": {
    "mobile-client-id": {
      "name": "Mobile",
      "protocols": ["oauth", "saml"],
      "ip_relaxation": "relax_for_activated_devices",
      "trusted_ip_ranges": ["192.0.2.0/28"],
      "trusted_ip_ranges_effect": "bypass",
      "run_as": "integration@example.com"
    }
  }
})";

constexpr std::string_view kUsers =
    "{\"user\": \"integration@example.com\", \"profile\": \"integration\"}\n{\"users\": 1}\n";

class LoadPolicy : public testing::Test {
  protected:
    TemporaryFiles files_;
};

TEST_F(LoadPolicy, ReadsTheWholeExample) {
    files_.write("users.ndjson", kUsers);
    const PolicyLoad load = files_.load(kExample);
    ASSERT_EQ(files_.text(load.errors), "");
    ASSERT_TRUE(load.policy);
    EXPECT_EQ(files_.text(load.warnings), "");

    const Organization &organization = load.policy->organization();
    EXPECT_TRUE(organization.continuous_ip_enforcement);
    EXPECT_EQ(organization.sensitive_operations, SensitiveOperations::block_relaxed_sessions);
    EXPECT_EQ(organization.default_profile, load.policy->find_profile("standard"));
    EXPECT_EQ(organization.default_app->ip_relaxation, Relaxation::enforce);
    EXPECT_EQ(organization.user_claims, (std::vector<std::string>{"preferred_username", "sub"}));
    EXPECT_EQ(organization.profile_claim, "profile");
    EXPECT_EQ(organization.verification_claims.amr.size(), 3u);
    EXPECT_EQ(organization.verification_claims.acr.size(), 1u);

    const Profile *standard = load.policy->find_user("alice@example.com");
    ASSERT_EQ(standard, load.policy->find_profile("standard"));
    EXPECT_TRUE(standard->login_ip_ranges.contains(*Address::parse("203.0.113.9")));
    EXPECT_TRUE(standard->login_ip_ranges.contains(*Address::parse("2001:db8::9")));
    EXPECT_TRUE(standard->login_ip_ranges.contains(*Address::parse("192.0.2.4")));
    EXPECT_FALSE(standard->login_ip_ranges.contains(*Address::parse("192.0.2.5")));
    EXPECT_TRUE(load.policy->find_user("integration@example.com")->unrestricted);
    EXPECT_EQ(load.policy->find_user("Alice@example.com"), nullptr);

    const App *app = load.policy->find_app("mobile-client-id");
    ASSERT_NE(app, nullptr);
    EXPECT_EQ(app->name, "Mobile");
    EXPECT_TRUE(app->oauth && app->saml);
    EXPECT_EQ(app->ip_relaxation, Relaxation::relax_for_activated_devices);
    EXPECT_EQ(app->trusted_ip_ranges_effect, TrustedRangesEffect::bypass);
    EXPECT_TRUE(app->trusted_ip_ranges.contains(*Address::parse("192.0.2.15")));
    EXPECT_EQ(app->run_as, "integration@example.com");
}

TEST_F(LoadPolicy, DefaultsAreTheStrictOnes) {
    const PolicyLoad load = files_.load(R"({"ipfence": 1, "organization": {"default_profile": null},
        "profiles": {"p": {"unrestricted": true}}, "apps": {"a": {}}})");
    ASSERT_TRUE(load.policy) << files_.text(load.errors);
    const Organization &organization = load.policy->organization();
    EXPECT_FALSE(organization.continuous_ip_enforcement);
    EXPECT_EQ(organization.sensitive_operations, SensitiveOperations::block_relaxed_apps);
    EXPECT_EQ(organization.default_profile, nullptr);
    EXPECT_FALSE(organization.default_app);
    EXPECT_EQ(organization.user_claims, std::vector<std::string>{"sub"});
    const App *app = load.policy->find_app("a");
    EXPECT_TRUE(app->oauth);
    EXPECT_FALSE(app->saml);
    EXPECT_EQ(app->ip_relaxation, Relaxation::enforce);
    EXPECT_FALSE(app->has_trusted_ip_ranges);
    EXPECT_EQ(app->trusted_ip_ranges_effect, TrustedRangesEffect::replace);
}

// A warning has the document looked through for lines, and nothing else shall come of that.
TEST_F(LoadPolicy, NamesWithDotsAreNotTakenForMembersOfOthers) {
    const PolicyLoad load = files_.load(R"({"ipfence": 1, "organization": {"default_profile": null},
        "profiles": {"p": {"unrestricted": true}},
        "apps": {"web": {"name": "Web", "run_as": "nobody"}, "web.name": {}}})");
    EXPECT_EQ(files_.text(load.errors), "");
    EXPECT_NE(files_.text(load.warnings), "");
    ASSERT_TRUE(load.policy);
    EXPECT_NE(load.policy->find_app("web.name"), nullptr);
}

TEST_F(LoadPolicy, FingerprintTellsChoicesOfClaimsApart) {
    const auto fingerprint_with = [this](std::string_view claims) {
        const PolicyLoad load =
            files_.load(R"({"ipfence": 1, "organization": {"default_profile": null)" +
                        std::string(claims) + R"(}, "profiles": {"p": {"unrestricted": true}}})");
        EXPECT_TRUE(load.policy) << files_.text(load.errors);
        return load.policy->organization().claims_fingerprint;
    };
    const std::array choices{
        R"(, "user_claims": ["ab", "c"])",
        R"(, "user_claims": ["a", "bc"])",
        R"(, "user_claims": ["c", "ab"])",
        R"(, "user_claims": ["ab", "c"], "profile_claim": "c")",
        R"(, "user_claims": ["ab"], "profile_claim": "c")",
        R"(, "user_claims": ["ab"], "verification_claims": {"amr": ["c"]})",
        R"(, "user_claims": ["ab"], "verification_claims": {"acr": ["c"]})",
        R"(, "user_claims": ["ab"], "verification_claims": {"amr": ["c"], "acr": ["c"]})",
    };
    std::set<std::array<unsigned char, 32>> fingerprints;
    for (const char *choice : choices) {
        fingerprints.insert(fingerprint_with(choice));
    }
    EXPECT_EQ(fingerprints.size(), choices.size());
    EXPECT_EQ(fingerprint_with(R"(, "user_claims": ["sub"])"), fingerprint_with(""));
    EXPECT_EQ(fingerprint_with(R"(, "continuous_ip_enforcement": true)"), fingerprint_with(""));
}

TEST_F(LoadPolicy, HashNamesWhatWasRead) {
    files_.write("users.ndjson", kUsers);
    const PolicyLoad first = files_.load(kExample);
    EXPECT_EQ(first.policy->hash().size(), 12u);
    EXPECT_EQ(files_.load(kExample).policy->hash(), first.policy->hash());
    EXPECT_NE(files_.load(std::string(kExample) + "\n").policy->hash(), first.policy->hash());
    files_.write("users.ndjson",
                 "{\"user\": \"integration@example.com\", \"profile\": "
                 "\"standard\"}\n{\"users\": 1}\n");
    EXPECT_NE(files_.load(kExample).policy->hash(), first.policy->hash());
}

// threats.md N01: a file that was cut short must never open a door.
TEST_F(LoadPolicy, NoPrefixOfAPolicyLoads) {
    files_.write("users.ndjson", kUsers);
    for (std::size_t size = 0; size < kExample.size(); ++size) {
        const PolicyLoad load = files_.load(kExample.substr(0, size));
        ASSERT_FALSE(load.policy) << size;
        ASSERT_FALSE(load.errors.empty()) << size;
    }
}

// But for the last line end, without which the last line is as whole.
TEST_F(LoadPolicy, NoPrefixOfAUsersFileLoads) {
    for (std::size_t size = 0; size + 1 < kUsers.size(); ++size) {
        files_.write("users.ndjson", kUsers.substr(0, size));
        ASSERT_FALSE(files_.load(kExample).policy) << size;
    }
}

// What is read of a pipe into which somebody writes these texts, the second for long.
std::size_t bytes_read(const std::string &pipe, std::string_view first, std::string_view again) {
    constexpr std::size_t kLong = std::size_t{16} << 20;
    std::signal(SIGPIPE, SIG_IGN);
    std::size_t written = 0;
    std::thread writer([&] {
        const int descriptor = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
        ssize_t size = ::write(descriptor, first.data(), first.size());
        while (size > 0 && written < kLong) {
            written += static_cast<std::size_t>(size);
            size = ::write(descriptor, again.data(), again.size());
        }
        ::close(descriptor);
    });
    const PolicyLoad load = load_policy(pipe);
    writer.join();
    EXPECT_NE(load.errors.at(0).message.find("is not JSON"), std::string::npos);
    return written;
}

TEST_F(LoadPolicy, NoMoreIsReadThanADocumentCanBe) {
    constexpr std::size_t kSome = std::size_t{1} << 20;
    const std::string pipe = files_.path("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const std::string zeros(4096, '\0');
    EXPECT_LT(bytes_read(pipe, " ", zeros), kSome);
    EXPECT_LT(bytes_read(pipe, "{\"", zeros), kSome);
    EXPECT_LT(bytes_read(pipe, "2026-12-01 ", "10:00:00 a log\n"), kSome);
    EXPECT_LT(bytes_read(pipe, "{}\n", R"({"time": "\"}{", "phase": ["request"]})"), kSome);
}

TEST_F(LoadPolicy, FilesThatAreNoPolicies) {
    EXPECT_EQ(files_.text(load_policy(files_.path("missing.json")).errors),
              "missing.json: cannot be opened: No such file or directory\n");
    EXPECT_NE(
        files_.text(load_policy(files_.path("")).errors).find("cannot be read: Is a directory"),
        std::string::npos);
    for (const std::string_view text :
         {std::string_view(""), std::string_view("\xef\xbb\xbf{}"), std::string_view("{}\0", 3),
          std::string_view("{\0}", 3), std::string_view("{} {}"), std::string_view("{'a': 1}"),
          std::string_view("{\"a\": 1,}"), std::string_view("// x\n{}"),
          std::string_view("{\"a\": NaN}"), std::string_view("\xff\xfe{\0}\0", 6),
          std::string_view("{\"a\": \"\xff\"}")}) {
        const PolicyLoad load = files_.load(text);
        ASSERT_EQ(load.errors.size(), 1u) << text;
        EXPECT_NE(load.errors[0].message.find("is not JSON"), std::string::npos) << text;
    }
    EXPECT_EQ(files_.load(std::string(100'000, '[')).policy, nullptr);
}

TEST_F(LoadPolicy, AByteOrderMarkIsNamed) {
    for (const std::string_view text :
         {std::string_view("\xef\xbb\xbf{}"), std::string_view("\xff\xfe{\0}\0", 6),
          std::string_view("\xfe\xff\0{\0}", 6)}) {
        EXPECT_EQ(files_.text(files_.load(text).errors),
                  "policy.json:1: is not JSON: it begins with a byte order mark; save it as UTF-8 "
                  "without one\n");
    }
}

}  // namespace
}  // namespace ipfence::load_policy_test
