#include "engine/endpoint/token_endpoint.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "engine/policy/policy_builder.hpp"

namespace ipfence::token_endpoint_test {
namespace {

using Next = TokenRequestVerdict::Next;

std::vector<AddressRange> table(std::string_view range) {
    return std::vector{AddressRange::parse(range).value()};
}

// alice may log in from 192.0.2.0/24, bob from 198.51.100.0/24, robot from anywhere; everybody else
// has alice's profile.
std::unique_ptr<const Policy> make_policy(std::string profile_claim = "") {
    PolicyBuilder builder;
    const ProfileNumber office =
        builder.add_profile({"office", false, builder.add_ranges(table("192.0.2.0/24"))});
    const ProfileNumber branch =
        builder.add_profile({"branch", false, builder.add_ranges(table("198.51.100.0/24"))});
    const ProfileNumber robots = builder.add_profile({"robots", true, {}});
    builder.add_user("alice", office);
    builder.add_user("bob", branch);
    builder.add_user("robot", robots);

    AppSettings relaxed;
    relaxed.client_id = "relaxed";
    relaxed.ip_relaxation = Relaxation::relax;
    relaxed.run_as = "robot";
    builder.add_app(std::move(relaxed));
    AppSettings strict;
    strict.client_id = "strict";
    builder.add_app(std::move(strict));

    OrganizationSettings organization;
    organization.default_profile = office;
    organization.profile_claim = std::move(profile_claim);
    builder.set_organization(std::move(organization));
    return std::move(builder.build()).value();
}

const Address kOffice = *Address::parse("192.0.2.1");
const Address kBranch = *Address::parse("198.51.100.1");
const Address kElsewhere = *Address::parse("203.0.113.1");

TokenRequestFacts facts(Grant grant, Address address) {
    TokenRequestFacts facts;
    facts.client_address = address;
    facts.grant = grant;
    facts.client_id = "strict";
    return facts;
}

IssuedTokens tokens_of(std::string_view user) {
    IssuedTokens tokens;
    tokens.access_token = "access";
    tokens.user = user;
    return tokens;
}

class TokenEndpoint : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_policy();
};

TEST_F(TokenEndpoint, EveryGrantHasItsOperationAndFlow) {
    struct Row {
        Grant grant;
        Operation operation;
        Flow flow;
    };
    constexpr Row kRows[] = {
        {Grant::authorization_code, Operation::login, Flow::web_server},
        {Grant::refresh_token, Operation::refresh, Flow::unknown},
        {Grant::password, Operation::login, Flow::username_password},
        {Grant::client_credentials, Operation::login, Flow::client_credentials},
        {Grant::jwt_bearer, Operation::login, Flow::jwt_bearer},
        {Grant::saml2_bearer, Operation::login, Flow::saml_bearer},
        {Grant::device_code, Operation::login, Flow::device},
        {Grant::token_exchange, Operation::login, Flow::token_exchange},
        {Grant::extension, Operation::login, Flow::unknown},
    };
    for (const Row &row : kRows) {
        EXPECT_EQ(operation_of(row.grant), row.operation);
        EXPECT_EQ(flow_of(facts(row.grant, kOffice)), row.flow);
    }
}

TEST_F(TokenEndpoint, GrantsThatNameNobodyWaitForTheAnswer) {
    for (const Grant grant :
         {Grant::authorization_code, Grant::refresh_token, Grant::saml2_bearer, Grant::device_code,
          Grant::token_exchange, Grant::extension, Grant::jwt_bearer, Grant::password}) {
        EXPECT_EQ(judge_token_request(*policy_, facts(grant, kElsewhere)).next, Next::hold);
    }
}

TEST_F(TokenEndpoint, AnAppThatIsToComeIsWaitedFor) {
    for (const Grant grant : {Grant::authorization_code, Grant::refresh_token, Grant::password,
                              Grant::client_credentials, Grant::token_exchange}) {
        TokenRequestFacts request = facts(grant, kElsewhere);
        request.typed_user = "alice";
        request.remembered.emplace();
        request.remembered->app = "relaxed";
        request.remembered->user = "alice";
        request.actor.emplace();
        request.app_is_to_come = true;
        EXPECT_EQ(judge_token_request(*policy_, request).next, Next::hold);
    }
    TokenRequestFacts ambiguous = facts(Grant::password, kElsewhere);
    ambiguous.raw_client_id = "relaxed";
    ambiguous.app_is_to_come = true;
    EXPECT_EQ(judge_token_request(*policy_, ambiguous).next, Next::refuse);
}

TEST_F(TokenEndpoint, ListedTypedNameDeniesAtOnce) {
    TokenRequestFacts request = facts(Grant::password, kElsewhere);
    request.typed_user = "alice";
    const TokenRequestVerdict verdict = judge_token_request(*policy_, request);
    EXPECT_EQ(verdict.next, Next::deny);
    EXPECT_EQ(verdict.judgement->decision.reason, Reason::outside_login_ip_ranges);
}

TEST_F(TokenEndpoint, ListedTypedNameAllowsButTheAnswerIsStillRead) {
    TokenRequestFacts request = facts(Grant::password, kOffice);
    request.typed_user = "alice";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::forward_and_hold);
}

TEST_F(TokenEndpoint, UnlistedTypedNameIsOnlyAHint) {
    for (const std::string_view name : {"Alice", "ALICE", "alice ", "corp\\alice", "carol"}) {
        TokenRequestFacts request = facts(Grant::password, kElsewhere);
        request.typed_user = name;
        EXPECT_EQ(judge_token_request(*policy_, request).next, Next::hold) << name;
    }
}

TEST_F(TokenEndpoint, ClientCredentialsIsItsRunAsUserAndFinal) {
    TokenRequestFacts request = facts(Grant::client_credentials, kElsewhere);
    request.client_id = "relaxed";
    const TokenRequestVerdict allowed = judge_token_request(*policy_, request);
    EXPECT_EQ(allowed.next, Next::forward);
    EXPECT_EQ(allowed.judgement->decision.reason, Reason::no_login_ip_ranges);

    request.client_id = "strict";
    const TokenRequestVerdict denied = judge_token_request(*policy_, request);
    EXPECT_EQ(denied.next, Next::deny);
    EXPECT_EQ(denied.judgement->decision.reason, Reason::user_unidentified);
}

TEST_F(TokenEndpoint, AssuredUserIsDecidedWhetherListedOrNot) {
    TokenRequestFacts request = facts(Grant::authorization_code, kElsewhere);
    request.assured_user = "carol";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::deny);
    request.assured_user = "robot";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::forward_and_hold);
}

TEST_F(TokenEndpoint, AssuredUserWaitsWhereTheTokenMayNameItsProfile) {
    const auto policy = make_policy("profile");
    TokenRequestFacts request = facts(Grant::authorization_code, kElsewhere);
    request.assured_user = "carol";
    EXPECT_EQ(judge_token_request(*policy, request).next, Next::hold);

    IssuedTokens response = tokens_of("carol");
    response.profile_claimed = true;
    response.claimed_profile = "robots";
    const auto judgement = judge_token_response(*policy, request, response, "carol", nullptr);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->decision.reason, Reason::no_login_ip_ranges);

    response.claimed_profile = {};
    EXPECT_EQ(judge_token_response(*policy, request, response, "carol", nullptr)->decision.reason,
              Reason::profile_unknown);
}

TEST_F(TokenEndpoint, RequestThatTwoProvidersReadAsTwoListedAppsIsRefused) {
    TokenRequestFacts request = facts(Grant::authorization_code, kOffice);
    request.raw_client_id = "relaxed";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::refuse);
    request.raw_client_id = "not%20listed";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::hold);
}

TEST_F(TokenEndpoint, AnswerNamesTheUser) {
    const TokenRequestFacts request = facts(Grant::authorization_code, kBranch);
    const auto bob = judge_token_response(*policy_, request, tokens_of("bob"), {}, nullptr);
    EXPECT_TRUE(bob->decision.allowed());
    const auto alice = judge_token_response(*policy_, request, tokens_of("alice"), {}, nullptr);
    EXPECT_FALSE(alice->decision.allowed());
    EXPECT_EQ(alice->request.user, "alice");
}

TEST_F(TokenEndpoint, AnswerThatNamesNobodyIsDenied) {
    const TokenRequestFacts request = facts(Grant::authorization_code, kOffice);
    const auto judgement = judge_token_response(*policy_, request, tokens_of(""), {}, nullptr);
    EXPECT_EQ(judgement->decision.reason, Reason::user_unidentified);
}

TEST_F(TokenEndpoint, AnswerWhoseTokensDisagreeNamesNobody) {
    TokenRequestFacts request = facts(Grant::password, kOffice);
    request.typed_user = "alice";
    const TokenRequestVerdict earlier = judge_token_request(*policy_, request);
    IssuedTokens response = tokens_of("");
    response.is_user_unclear = true;
    const auto judgement =
        judge_token_response(*policy_, request, response, {}, &*earlier.judgement);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->decision.reason, Reason::user_unidentified);
}

TEST_F(TokenEndpoint, EarlierDecisionStandsForTheSameUserOnly) {
    TokenRequestFacts request = facts(Grant::password, kOffice);
    request.typed_user = "alice";
    const TokenRequestVerdict earlier = judge_token_request(*policy_, request);

    EXPECT_FALSE(
        judge_token_response(*policy_, request, tokens_of("alice"), {}, &*earlier.judgement));
    EXPECT_FALSE(judge_token_response(*policy_, request, tokens_of(""), {}, &*earlier.judgement));
    const auto other =
        judge_token_response(*policy_, request, tokens_of("bob"), {}, &*earlier.judgement);
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->decision.allowed());
}

TEST_F(TokenEndpoint, EarlierDecisionStandsForWhoeverIsNotListedWhereNoOtherProfileIsClaimed) {
    const auto policy = make_policy("profile");
    TokenRequestFacts request = facts(Grant::authorization_code, kOffice);
    request.assured_user = "carol";
    const Judgement earlier = judge_issued_tokens(*policy, request, tokens_of("carol"), {});
    EXPECT_FALSE(judge_token_response(*policy, request, tokens_of("carol"), {}, &earlier));

    IssuedTokens claiming = tokens_of("carol");
    claiming.profile_claimed = true;
    claiming.claimed_profile = "branch";
    const auto anew = judge_token_response(*policy, request, claiming, {}, &earlier);
    ASSERT_TRUE(anew);
    EXPECT_FALSE(anew->decision.allowed());

    const Judgement of_listed = judge_issued_tokens(*policy, request, tokens_of("alice"), {});
    claiming.user = "alice";
    EXPECT_FALSE(judge_token_response(*policy, request, claiming, {}, &of_listed))
        << "of a listed user no claim is heard";
}

TEST_F(TokenEndpoint, WhateverUserAnAppsOwnTokensNameItsDecisionStands) {
    TokenRequestFacts request = facts(Grant::client_credentials, kElsewhere);
    request.client_id = "relaxed";
    const TokenRequestVerdict earlier = judge_token_request(*policy_, request);
    ASSERT_EQ(earlier.next, Next::forward);
    EXPECT_FALSE(
        judge_token_response(*policy_, request, tokens_of("alice"), {}, &*earlier.judgement));
}

TEST_F(TokenEndpoint, IssuedTokensOfAnAppItselfAreOfTheUserThatItRunsAs) {
    TokenRequestFacts request = facts(Grant::client_credentials, kElsewhere);
    request.client_id = "relaxed";
    const Judgement of_app = judge_issued_tokens(*policy_, request, tokens_of("alice"), {});
    EXPECT_EQ(of_app.decision.reason, Reason::no_login_ip_ranges);
    EXPECT_FALSE(of_app.request.user) << "they are remembered as the app's own";
    request.grant = Grant::authorization_code;
    request.client_id = "strict";
    const Judgement of_user = judge_issued_tokens(*policy_, request, tokens_of("alice"), {});
    EXPECT_EQ(of_user.decision.reason, Reason::outside_login_ip_ranges);
}

TEST_F(TokenEndpoint, NoAppIsMadeUpWhereNoneIsNamed) {
    TokenRequestFacts request = facts(Grant::password, kOffice);
    request.client_id = {};
    EXPECT_FALSE(decision_request_of(request, "alice").app);
}

TEST_F(TokenEndpoint, WhatTheDeploymentSaysOfTheAnswerComesFirst) {
    const TokenRequestFacts request = facts(Grant::authorization_code, kOffice);
    const auto judgement =
        judge_token_response(*policy_, request, tokens_of("bob"), "alice", nullptr);
    EXPECT_EQ(judgement->request.user, "alice");
    EXPECT_TRUE(judgement->decision.allowed());
}

TEST_F(TokenEndpoint, UnlistedTypedNameNeverIdentifies) {
    TokenRequestFacts request = facts(Grant::password, kOffice);
    request.typed_user = "carol";
    const auto judgement = judge_token_response(*policy_, request, tokens_of(""), {}, nullptr);
    EXPECT_EQ(judgement->decision.reason, Reason::user_unidentified);
}

TEST_F(TokenEndpoint, AssertionGrantsEnforceWhateverTheAppSays) {
    for (const Grant grant : {Grant::jwt_bearer, Grant::saml2_bearer}) {
        TokenRequestFacts request = facts(grant, kElsewhere);
        request.client_id = "relaxed";
        const auto judgement =
            judge_token_response(*policy_, request, tokens_of("alice"), {}, nullptr);
        EXPECT_EQ(judgement->decision.reason, Reason::outside_login_ip_ranges);
    }
}

}  // namespace
}  // namespace ipfence::token_endpoint_test
