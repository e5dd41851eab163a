#include "engine/endpoint/authorization_endpoint.hpp"

#include <gtest/gtest.h>

#include "t/unit/endpoint/session_world.hpp"

namespace ipfence {
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

TEST_F(AuthorizationEndpoint, ARequestIsDecidedWhereUserAndAppAreKnown) {
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_));
    facts_.session_user = "alice";
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason,
              Reason::outside_login_ip_ranges);
    facts_.client_id = "relaxed";
    EXPECT_EQ(judge_authorization_request(*policy_, facts_)->decision.reason, Reason::relaxed_app);
    facts_.client_id = {};
    EXPECT_FALSE(judge_authorization_request(*policy_, facts_)) << "a step inside the provider";
}

TEST_F(AuthorizationEndpoint, AnActivatedDeviceCountsForItsUser) {
    facts_.client_id = "devices";
    facts_.device_keys = &keys_;
    facts_.session_user = "alice";
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

}  // namespace
}  // namespace ipfence
