#include <gtest/gtest.h>

#include "engine/json.hpp"
#include "t/unit/cli/program.hpp"

namespace ipfence::test::diff_test {
namespace {

std::string policy_with(const std::string &range) {
    return R"({"ipfence": 1, "organization": {"default_profile": "standard"},
        "profiles": {"standard": {"login_ip_ranges": ["203.0.113.0/24", )" +
           range + R"(]}}, "users": {"alice": "standard"}, "apps": {"web": {}}})";
}

TEST(Diff, SamePoliciesDoNotFlip) {
    const Files files;
    const std::string before = files.write("old.json", policy_with(R"("192.0.2.4")"));
    const std::string after = files.write("new.json", policy_with(R"("192.0.2.4/32")"));
    const Completed diff = call({"diff", before, after});
    EXPECT_EQ(diff.exit_code, 0);
    EXPECT_EQ(diff.output, "no decision flips\n");
}

TEST(Diff, SaysWhoseDecisionsFlipAndWhere) {
    const Files files;
    const std::string before = files.write("old.json", policy_with(R"("192.0.2.4")"));
    const std::string after = files.write("new.json", policy_with(R"("192.0.2.5")"));
    const Completed diff = call({"diff", before, after});
    EXPECT_EQ(diff.exit_code, 1);
    // Without continuous enforcement, nothing but logins and refreshes is decided by the ranges.
    EXPECT_EQ(diff.output, R"(allow, login_ip_range -> deny, outside_login_ip_ranges
  profiles   standard (1 user: alice) and users not listed
  apps       web, (apps not listed), (no app)
  when       login, refresh: any flow
  addresses  192.0.2.4

deny, outside_login_ip_ranges -> allow, login_ip_range
  profiles   standard (1 user: alice) and users not listed
  apps       web, (apps not listed), (no app)
  when       login, refresh: any flow
  addresses  192.0.2.5

2 kinds of decisions flip
)");
}

TEST(Diff, ShowsNamesThatTurnTheTextByTheirNumber) {
    const auto named = [](const std::string &range) {
        std::string policy = policy_with(range);
        return policy.replace(policy.find("alice"), 5, "a\\u202ecila\\u009b1m");
    };
    const Files files;
    const std::string before = files.write("old.json", named(R"("192.0.2.4")"));
    const std::string after = files.write("new.json", named(R"("192.0.2.5")"));
    const std::string shown = R"(standard (1 user: a\u{202e}cila\u{9b}1m) and)";
    EXPECT_NE(call({"diff", before, after}).output.find(shown), std::string::npos);
}

TEST(Diff, ComparesCountriesByNameWithoutADatabase) {
    const auto located = [](const char *countries) {
        return std::string(R"({"ipfence": 1, "organization": {"default_profile": "standard"},
            "networks": {"home": {"countries": [)") +
               countries + R"(], "ranges": ["192.0.2.0/24"]}},
            "profiles": {"standard": {"login_ip_ranges": ["network:home"]}}})";
    };
    const Files files;
    const std::string before = files.write("old.json", located(R"("DE", "FR")"));
    const std::string after = files.write("new.json", located(R"("FR", "AT")"));
    const Completed diff = call({"diff", before, after});
    EXPECT_EQ(diff.exit_code, 1);
    EXPECT_NE(diff.output.find("  addresses  0.0.0.0-192.0.1.255, 192.0.3.0-255.255.255.255, ::/0\n"
                               "  which are  in country DE\n"),
              std::string::npos)
        << diff.output;
    EXPECT_NE(diff.output.find("  which are  in country AT\n"), std::string::npos) << diff.output;
    EXPECT_EQ(diff.output.find("FR"), std::string::npos) << diff.output;
    EXPECT_EQ(call({"diff", before, before}).exit_code, 0);
}

TEST(Diff, TakesACompiledPolicyAndTellsMachines) {
    const Files files;
    const std::string before = files.write("old.json", policy_with(R"("192.0.2.4")"));
    const std::string after = files.write("new.json", policy_with(R"("192.0.2.4/31")"));
    const std::string compiled = files.path("old.ipf");
    ASSERT_EQ(call({"compile", before, "-o", compiled}).exit_code, 0);
    const Completed diff = call({"diff", "--json", compiled, after});
    EXPECT_EQ(diff.exit_code, 1);
    const OwnedJson document(json_loads(diff.output.c_str(), 0, nullptr));
    ASSERT_TRUE(document) << diff.output;
    const json_t *flips = json_object_get(document.get(), "flips");
    ASSERT_EQ(json_array_size(flips), 1U);
    const json_t *flip = json_array_get(flips, 0);
    EXPECT_STREQ(json_string_value(json_object_get(json_object_get(flip, "after"), "reason")),
                 "login_ip_range");
    EXPECT_STREQ(json_string_value(json_array_get(json_object_get(flip, "addresses"), 0)),
                 "192.0.2.5");
    EXPECT_EQ(json_array_size(json_object_get(flip, "addresses")), 1U);
    // Two operations, nine flows of a user, four kinds of session.
    EXPECT_EQ(json_array_size(json_object_get(flip, "moments")), 72U);
}

TEST(Diff, SaysWhatFlipsOnlyWhereATokenClaimsAProfile) {
    const auto with_users = [](const char *users) {
        return std::string(R"({"ipfence": 1,
            "organization": {"default_profile": "standard", "profile_claim": "group"},
            "profiles": {"standard": {"login_ip_ranges": ["::/0"]}, "free": {"unrestricted": true}},
            "users": {)") +
               users + "}}";
    };
    const Files files;
    const std::string before =
        files.write("old.json", with_users(R"("alice": "standard", "bob": "standard")"));
    const std::string after = files.write("new.json", with_users(R"("alice": "free")"));
    const Completed diff = call({"diff", before, after});
    EXPECT_EQ(diff.exit_code, 1);
    EXPECT_NE(diff.output.find(R"(allow, login_ip_range -> deny, profile_unknown
  profiles   standard -> (no such profile) by a claim of the token (1 user: bob)
  apps       (apps not listed), (no app)
  when       login, refresh: any flow
  addresses  ::/0
)"),
              std::string::npos)
        << diff.output;
    EXPECT_NE(diff.output.find(R"(deny, outside_login_ip_ranges -> allow, no_login_ip_ranges
  profiles   standard -> free (1 user: alice), standard -> free by a claim of
             the token (1 user: bob)
  apps       (apps not listed), (no app)
  when       login, refresh: any flow
  addresses  0.0.0.0/0
)"),
              std::string::npos)
        << diff.output;

    const Completed json = call({"diff", "--json", before, after});
    const OwnedJson document(json_loads(json.output.c_str(), 0, nullptr));
    ASSERT_TRUE(document) << json.output;
    const json_t *flip = json_array_get(json_object_get(document.get(), "flips"), 0);
    const json_t *profiles = json_object_get(flip, "profiles");
    ASSERT_EQ(json_array_size(profiles), 1U) << json.output;
    EXPECT_TRUE(json_is_true(json_object_get(json_array_get(profiles, 0), "claimed")));
}

TEST(Diff, AFaultIsNoAnswer) {
    const Files files;
    const std::string good = files.write("good.json", policy_with(R"("192.0.2.4")"));
    const std::string bad = files.write("bad.json", "{}");
    for (const auto &[before, after] : {std::pair(good, bad), std::pair(bad, good)}) {
        const Completed diff = call({"diff", before, after});
        EXPECT_EQ(diff.exit_code, 2);
        EXPECT_EQ(diff.output, "");
        EXPECT_NE(diff.errors.find("bad.json"), std::string::npos);
    }
    EXPECT_EQ(call({"diff", good}).exit_code, 2);
}

}  // namespace
}  // namespace ipfence::test::diff_test
