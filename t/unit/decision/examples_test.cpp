// One example for every reason that the engine gives, with the rule as people read it.

#include <gtest/gtest.h>

#include "t/unit/decision/example_policy.hpp"

namespace ipfence::test::examples_test {
namespace {

class Examples : public ::testing::Test {
  protected:
    // The decision in the words of the audit log: outcome, reason, rule.
    std::string decided(const DecisionRequest &request) {
        if (!policy_) {
            policy_ = example.build();
        }
        decision = decide(*policy_, request);
        return std::string(name_of(decision.outcome)) + ' ' +
               std::string(name_of(decision.reason)) + ' ' + rule_text(decision);
    }

    ExamplePolicy example;
    Decision decision;

  private:
    std::unique_ptr<const Policy> policy_;
};

TEST_F(Examples, NotContinuous) {
    example.organization.continuous_ip_enforcement = false;
    DecisionRequest request = login_from_outside();
    request.operation = Operation::access;
    EXPECT_EQ(decided(request), "allow not_continuous organization.continuous_ip_enforcement");
    EXPECT_EQ(decision.profile, nullptr) << "step 2 was not reached";

    request.operation = Operation::password_change;
    EXPECT_EQ(decided(request), "allow not_continuous organization.continuous_ip_enforcement");
    request.operation = Operation::refresh;
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
}

TEST_F(Examples, UserUnidentified) {
    DecisionRequest request = login_from_outside();
    request.user.reset();
    EXPECT_EQ(decided(request), "deny user_unidentified ");
}

TEST_F(Examples, AnEmptyUserNameIdentifiesNobody) {
    example.organization.default_profile.reset();
    DecisionRequest request = login_from_outside();
    request.user = "";
    EXPECT_EQ(decided(request), "deny user_unidentified ");
}

TEST_F(Examples, ProfileUnknown) {
    DecisionRequest request = login_from_outside();
    request.user = "mallory";
    request.claimed_profile = "gone";
    EXPECT_EQ(decided(request), "deny profile_unknown organization.profile_claim");
}

TEST_F(Examples, AClaimedProfileCountsForUnlistedUsersOnly) {
    DecisionRequest request = login_from_outside();
    request.claimed_profile = "integration";
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.user = "mallory";
    EXPECT_EQ(decided(request), "allow no_login_ip_ranges profiles.integration.unrestricted");
}

TEST_F(Examples, AClaimThatThePolicyDoesNotLookAtIsNotHeard) {
    example.organization.profile_claim.clear();
    DecisionRequest request = login_from_outside();
    request.user = "mallory";
    for (const char *claimed : {"integration", "gone", ""}) {
        request.claimed_profile = claimed;
        EXPECT_EQ(decided(request),
                  "deny outside_login_ip_ranges profiles.standard.login_ip_ranges")
            << claimed;
    }
}

TEST_F(Examples, NoLoginIpRanges) {
    DecisionRequest request = login_from_outside();
    request.user = "batch";
    EXPECT_EQ(decided(request), "allow no_login_ip_ranges profiles.integration.unrestricted");
    request.operation = Operation::password_change;
    EXPECT_EQ(decided(request), "allow no_login_ip_ranges profiles.integration.unrestricted");
}

TEST_F(Examples, NoLoginIpRangesByANullDefaultProfile) {
    example.organization.default_profile.reset();
    DecisionRequest request = login_from_outside();
    request.user = "mallory";
    EXPECT_EQ(decided(request), "allow no_login_ip_ranges organization.default_profile");
    EXPECT_EQ(decision.profile, nullptr);
}

TEST_F(Examples, OutsideAppIpRanges) {
    example.add_app_with_list("mobile", TrustedRangesEffect::replace);
    DecisionRequest request = login_from_outside("mobile");
    EXPECT_EQ(decided(request), "deny outside_app_ip_ranges apps.mobile.trusted_ip_ranges");

    request.client_address = Address::parse(kInsideProfile);
    EXPECT_EQ(decided(request), "deny outside_app_ip_ranges apps.mobile.trusted_ip_ranges")
        << "even from inside the profile's ranges";
    request.operation = Operation::password_change;
    EXPECT_EQ(decided(request), "deny outside_app_ip_ranges apps.mobile.trusted_ip_ranges")
        << "the deny of step 4 comes before step 5";
    request.operation = Operation::login;
    request.flow = Flow::unknown;
    EXPECT_EQ(decided(request), "deny outside_app_ip_ranges apps.mobile.trusted_ip_ranges")
        << "it may have been the web server flow";
    request.flow = Flow::user_agent;
    EXPECT_EQ(decided(request), "allow login_ip_range 203.0.113.0/24");
}

TEST_F(Examples, BypassLeavesItToTheProfile) {
    example.add_app_with_list("mobile", TrustedRangesEffect::bypass);
    DecisionRequest request = login_from_outside("mobile");
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.client_address = Address::parse(kInsideProfile);
    EXPECT_EQ(decided(request), "allow login_ip_range 203.0.113.0/24");
}

TEST_F(Examples, AListWithoutAddressesIsStillAList) {
    AppSettings app;
    app.client_id = "mobile";
    app.ip_relaxation = Relaxation::relax_for_activated_devices;
    app.trusted_ip_ranges.emplace();  // every entry is a country or an AS number
    example.builder.add_app(app);
    DecisionRequest request = login_from_outside("mobile");
    request.device_activated = true;
    EXPECT_EQ(decided(request), "deny outside_app_ip_ranges apps.mobile.trusted_ip_ranges");
}

TEST_F(Examples, SensitiveOperation) {
    example.add_app("relaxed", Relaxation::relax);
    DecisionRequest request = login_from_outside("relaxed");
    request.client_address = Address::parse(kInsideProfile);
    request.operation = Operation::password_change;
    EXPECT_EQ(decided(request), "deny sensitive_operation organization.sensitive_operations")
        << "even from inside the profile's ranges";
}

TEST_F(Examples, ASensitiveOperationThatIsNotBlockedIsNeverRelaxed) {
    example.organization.sensitive_operations = SensitiveOperations::outside_ranges;
    example.add_app("relaxed", Relaxation::relax);
    DecisionRequest request = login_from_outside("relaxed");
    request.operation = Operation::login_flow;
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.client_address = Address::parse(kInsideProfile);
    EXPECT_EQ(decided(request), "allow login_ip_range 203.0.113.0/24");
}

TEST_F(Examples, AppIpRange) {
    example.add_app_with_list("mobile", TrustedRangesEffect::replace);
    DecisionRequest request = login_from_outside("mobile");
    request.client_address = Address::parse(kInsideAppList);
    EXPECT_EQ(decided(request), "allow app_ip_range 192.0.2.0/28");
}

TEST_F(Examples, ActivatedDevice) {
    example.add_app("mobile", Relaxation::relax_for_activated_devices);
    DecisionRequest request = login_from_outside("mobile");
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.device_activated = true;
    EXPECT_EQ(decided(request), "allow activated_device apps.mobile.ip_relaxation");
    request.flow = Flow::device;
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
}

TEST_F(Examples, RefreshToken) {
    example.add_app("mobile", Relaxation::relax_for_refresh_tokens);
    DecisionRequest request = login_from_outside("mobile");
    request.operation = Operation::refresh;
    EXPECT_EQ(decided(request), "allow refresh_token apps.mobile.ip_relaxation");

    request.operation = Operation::access;
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.refreshed = true;
    EXPECT_EQ(decided(request), "allow refresh_token apps.mobile.ip_relaxation");
    request.operation = Operation::login;
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
}

TEST_F(Examples, RelaxedApp) {
    example.add_app("relaxed", Relaxation::relax);
    DecisionRequest request = login_from_outside("relaxed");
    EXPECT_EQ(decided(request), "allow relaxed_app apps.relaxed.ip_relaxation");
    for (const Flow flow : {Flow::jwt_bearer, Flow::saml_bearer, Flow::unknown}) {
        request.flow = flow;
        EXPECT_EQ(decided(request),
                  "deny outside_login_ip_ranges profiles.standard.login_ip_ranges")
            << name_of(flow);
    }
}

TEST_F(Examples, TheDefaultAppSpeaksForAppsThatAreNotListed) {
    AppSettings default_app;
    default_app.ip_relaxation = Relaxation::relax;
    default_app.run_as = "batch";
    example.organization.default_app = default_app;
    example.add_app("strict", Relaxation::enforce);

    DecisionRequest request = login_from_outside("never-heard-of");
    EXPECT_EQ(decided(request), "allow relaxed_app organization.default_app.ip_relaxation");
    request.app = "strict";
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.app.reset();
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
    request.app = "never-heard-of";
    request.flow = Flow::client_credentials;
    EXPECT_EQ(decided(request), "deny user_unidentified ")
        << "a run_as is of a listed app, never of the default_app";
}

TEST_F(Examples, LoginIpRange) {
    DecisionRequest request = login_from_outside();
    request.client_address = Address::parse(kInsideProfile);
    EXPECT_EQ(decided(request), "allow login_ip_range 203.0.113.0/24");
    request.client_address = Address::parse("::ffff:203.0.113.9");
    EXPECT_EQ(decided(request), "allow login_ip_range 203.0.113.0/24");
    request.client_address = Address::parse("2001:db8::1");
    EXPECT_EQ(decided(request), "allow login_ip_range 2001:db8::/32");
    EXPECT_EQ(decision.profile->name, "standard");
    EXPECT_EQ(decision.app, nullptr);
}

TEST_F(Examples, OutsideLoginIpRanges) {
    DecisionRequest request = login_from_outside("not-listed");
    EXPECT_EQ(decided(request), "deny outside_login_ip_ranges profiles.standard.login_ip_ranges");
}

TEST_F(Examples, AddressUnknown) {
    example.add_app("relaxed", Relaxation::relax);
    example.add_app_with_list("mobile", TrustedRangesEffect::bypass);
    DecisionRequest request = login_from_outside("relaxed");
    request.client_address.reset();
    EXPECT_EQ(decided(request), "allow relaxed_app apps.relaxed.ip_relaxation")
        << "where no step asks, it does not matter";
    request.app.reset();
    EXPECT_EQ(decided(request), "deny address_unknown profiles.standard.login_ip_ranges");
    request.app = "mobile";
    request.flow = Flow::web_server;
    EXPECT_EQ(decided(request), "deny address_unknown apps.mobile.trusted_ip_ranges");
    request.flow = Flow::unknown;
    EXPECT_EQ(decided(request), "deny address_unknown profiles.standard.login_ip_ranges")
        << "bypass denies nothing that an unknown flow would have to be asked for";
}

TEST_F(Examples, ClientCredentialsHaveTheUserThatTheAppRunsAs) {
    AppSettings app;
    app.client_id = "job";
    app.run_as = "batch";
    example.builder.add_app(app);
    example.add_app("orphan", Relaxation::relax);

    DecisionRequest request = login_from_outside("job");
    request.flow = Flow::client_credentials;
    EXPECT_EQ(decided(request), "allow no_login_ip_ranges profiles.integration.unrestricted");
    request.app = "orphan";
    request.user = "batch";
    EXPECT_EQ(decided(request), "deny user_unidentified ");
    request.app.reset();
    EXPECT_EQ(decided(request), "deny user_unidentified ");
}

TEST_F(Examples, WhatATokenOfClientCredentialsClaimsIsNotOfTheUserThatTheAppRunsAs) {
    AppSettings app;
    app.client_id = "job";
    app.run_as = "mallory";
    example.builder.add_app(app);

    DecisionRequest request = login_from_outside("job");
    request.flow = Flow::client_credentials;
    for (const char *claimed : {"integration", "gone"}) {
        request.claimed_profile = claimed;
        EXPECT_EQ(decided(request),
                  "deny outside_login_ip_ranges profiles.standard.login_ip_ranges")
            << "the default_profile, whatever is claimed";
    }
}

TEST(EffectiveUser, IsWhoseProfileCounts) {
    ExamplePolicy example;
    AppSettings app;
    app.client_id = "job";
    app.run_as = "batch";
    example.builder.add_app(app);
    const std::unique_ptr<const Policy> policy = example.build();

    DecisionRequest request = login_from_outside("job");
    EXPECT_EQ(effective_user(*policy, request), "alice");
    EXPECT_EQ(effective_profile(*policy, request), policy->find_profile("standard"));
    request.flow = Flow::client_credentials;
    EXPECT_EQ(effective_user(*policy, request), "batch");
    EXPECT_EQ(effective_profile(*policy, request), policy->find_profile("integration"));
    request.app = "unlisted";
    EXPECT_EQ(effective_user(*policy, request), std::nullopt);
    EXPECT_EQ(effective_profile(*policy, request), nullptr);
}

}  // namespace
}  // namespace ipfence::test::examples_test
