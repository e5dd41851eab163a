#include "engine/endpoint/authorization_endpoint.hpp"

#include <gtest/gtest.h>

#include <array>

#include "t/unit/endpoint/session_world.hpp"

namespace ipfence::authorization_endpoint_test {
namespace {

class AuthorizationEndpoint : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_world();
    DeviceKeys keys_ = device_keys();
    AuthorizationFacts facts_{.client_address = kOutside, .client_id = "enforced"};

    static AuthorizationResponse issuing(std::string code, std::string access,
                                         std::string user = {}) {
        AuthorizationResponse response;
        response.kind = AuthorizationResponse::Kind::issues;
        response.code = std::move(code);
        response.tokens.access_token = std::move(access);
        response.tokens.user = std::move(user);
        return response;
    }

    std::optional<Judgement> judge_response(const AuthorizationResponse &response) {
        return judge_authorization_response(*policy_, facts_, response, {});
    }
};

constexpr std::array<std::string_view, 1> kAlice{"alice"};
constexpr std::array<std::string_view, 1> kCarol{"carol"};

TEST_F(AuthorizationEndpoint, OfSeveralSessionsEachMustBeAllowed) {
    for (const std::array<std::string_view, 2> &users :
         {std::array<std::string_view, 2>{"alice", "robin"}, {"robin", "alice"}}) {
        facts_.session_users = users;
        EXPECT_EQ(judge_authorization_request(*policy_, facts_)->request.user, "alice");
        EXPECT_FALSE(judge_authorization_request(*policy_, facts_)->decision.allowed());
    }
}

TEST_F(AuthorizationEndpoint, ARequestIsDecidedWhereUserAndAppAreKnown) {
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_));
    facts_.session_users = kAlice;
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason,
              Reason::outside_login_ip_ranges);
    facts_.client_id = "relaxed";
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason, Reason::relaxed_app);
    facts_.client_id = {};
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_)) << "a step inside the provider";
}

TEST_F(AuthorizationEndpoint, ARequestThatMayBeOfAnyAppIsRelaxedForNone) {
    facts_.client_id = {};
    facts_.may_be_of_any_app = true;
    facts_.session_users = kAlice;
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason,
              Reason::outside_login_ip_ranges);
    facts_.client_address = kInside;
    EXPECT_TRUE(judge_authorization_request(*policy_, facts_)->decision.allowed());
    facts_.client_id = "relaxed";
    facts_.client_address = kOutside;
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason, Reason::relaxed_app);
}

TEST_F(AuthorizationEndpoint, AnActivatedDeviceCountsForItsUser) {
    facts_.client_id = "devices";
    facts_.device_keys = &keys_;
    facts_.session_users = kAlice;
    facts_.device_tag = device_tag_of(keys_, "alice");
    EXPECT_TRUE(judge_authorization_request(*policy_, facts_)->decision.allowed());
    facts_.device_tag = device_tag_of(keys_, "bob");
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_)->decision.allowed());
}

TEST_F(AuthorizationEndpoint, ACodeAloneIsDecidedLater) {
    EXPECT_FALSE(judge_response(issuing("C", "")));
    EXPECT_FALSE(judge_response(issuing("C", "", "alice"))->decision.allowed());
}

TEST_F(AuthorizationEndpoint, TokensAreDecidedNow) {
    EXPECT_EQ(judge_response(issuing("", "A"))->decision.reason, Reason::user_unidentified);
    const auto implicit = judge_response(issuing("", "A", "alice"));
    EXPECT_EQ(implicit->request.flow, Flow::user_agent);
    EXPECT_EQ(implicit->decision.reason, Reason::outside_login_ip_ranges);
    const auto hybrid = judge_response(issuing("C", "A", "alice"));
    EXPECT_EQ(hybrid->request.flow, Flow::web_server) << "a hybrid response counts as web_server";
    facts_.client_id = {};
    EXPECT_EQ(judge_response(issuing("", "A", "robin"))->decision.reason,
              Reason::no_login_ip_ranges);
}

TEST_F(AuthorizationEndpoint, TheDeploymentsWordComesFirst) {
    facts_.assured_user = "robin";
    facts_.session_users = kAlice;
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->request.user, "robin");
    const auto judgement =
        judge_authorization_response(*policy_, facts_, issuing("C", "", "robin"), "alice");
    EXPECT_EQ(judgement->request.user, "alice");
    EXPECT_FALSE(judgement->decision.allowed());
}

TEST_F(AuthorizationEndpoint, TokensThatDisagreeNameNobody) {
    AuthorizationResponse response = issuing("C", "A");
    response.tokens.is_user_unclear = true;
    EXPECT_EQ(judge_response(response)->decision.reason, Reason::user_unidentified);
}

TEST_F(AuthorizationEndpoint, VerificationInTheAnswerActivatesTheDevice) {
    facts_.client_id = "devices";
    AuthorizationResponse response = issuing("", "A", "alice");
    EXPECT_FALSE(judge_response(response)->decision.allowed());
    response.tokens.verified = true;
    EXPECT_EQ(judge_response(response)->decision.reason, Reason::activated_device);
    EXPECT_TRUE(origin_of(facts_, response, {}).device_activated);
}

TEST_F(AuthorizationEndpoint, AnIdTokenIsAToken) {
    AuthorizationResponse response = issuing("", "", "alice");
    response.tokens.id_token = "I";
    EXPECT_EQ(judge_response(response)->decision.reason, Reason::outside_login_ip_ranges);
    EXPECT_EQ(judge_response(response)->request.operation, Operation::login);
    EXPECT_EQ(origin_of(facts_, response, {}).flow, Flow::user_agent);
}

TEST_F(AuthorizationEndpoint, WhatIsLearnedIsWhatWasSeen) {
    facts_.client_id = {};
    facts_.device_tag = device_tag_of(keys_, "alice");
    AuthorizationResponse response = issuing("C", "");
    response.tokens.client_id = "devices";
    const SessionOrigin origin = origin_of(facts_, response, {});
    EXPECT_EQ(origin.app, "devices") << "the answer says whose tokens they are";
    EXPECT_EQ(origin.user, "");
    EXPECT_EQ(origin.flow, Flow::web_server);
    EXPECT_FALSE(origin.refreshed || origin.device_activated);
    EXPECT_EQ(origin.device_tag, facts_.device_tag) << "compared when the user is known";
}

TEST_F(AuthorizationEndpoint, TokensAreDecidedAsTheEngineDecides) {
    for (const char *app : {"enforced", "relaxed", "refresh", "devices", "branch", "not listed"}) {
        for (const char *code : {"C", ""}) {
            for (const Address address : {kInside, kOutside, *Address::parse("198.51.100.1")}) {
                facts_.client_id = app;
                facts_.client_address = address;
                const Flow flow = *code == '\0' ? Flow::user_agent : Flow::web_server;
                const Decision expected =
                    decide(*policy_,
                           {.client_address = address, .user = "alice", .app = app, .flow = flow});
                EXPECT_EQ(judge_response(issuing(code, "A", "alice"))->decision.reason,
                          expected.reason)
                    << app;
            }
        }
    }
}

// The profile of a user that the policy does not list is known when a token claims it.
TEST_F(AuthorizationEndpoint, AProfileThatATokenMayNameIsWaitedFor) {
    OrganizationSettings organization;
    organization.profile_claim = "profile";
    policy_ = make_world(organization);
    facts_.session_users = kCarol;
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_));
    EXPECT_FALSE(judge_response(issuing("C", "", "carol")));
    AuthorizationResponse claiming = issuing("C", "", "carol");
    claiming.tokens.profile_claimed = true;
    claiming.tokens.claimed_profile = "anywhere";
    EXPECT_EQ(judge_response(claiming)->decision.reason, Reason::no_login_ip_ranges);
    EXPECT_EQ(judge_response(issuing("", "A", "carol"))->decision.reason,
              Reason::outside_login_ip_ranges)
        << "tokens are decided now";
    facts_.session_users = kAlice;
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_)->decision.allowed());
    for (const std::array<std::string_view, 2> &users :
         {std::array<std::string_view, 2>{"alice", "carol"}, {"carol", "alice"}}) {
        facts_.session_users = users;
        for (const Address address : {kInside, kOutside}) {
            facts_.client_address = address;
            const auto judgement = judge_authorization_request(*policy_, facts_);
            ASSERT_TRUE(judgement) << "of several sessions, those that can be are decided now";
            EXPECT_EQ(judgement->request.user, "alice");
            EXPECT_EQ(judgement->decision.allowed(), address == kInside);
        }
    }
}

}  // namespace
}  // namespace ipfence::authorization_endpoint_test
