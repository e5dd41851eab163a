// Token requests that redeem what memory knows: a refresh token, a code, a subject token.

#include <gtest/gtest.h>

#include <array>

#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/session_world.hpp"

namespace ipfence::remembered_request_test {
namespace {

using Next = TokenRequestVerdict::Next;

constexpr std::array kApps{"enforced", "relaxed", "refresh", "devices", "branch"};
constexpr std::array kRedeeming{Grant::refresh_token, Grant::authorization_code,
                                Grant::token_exchange};
constexpr unsigned kFlows = static_cast<unsigned>(Flow::unknown) + 1;
const Address kTrusted = *Address::parse("198.51.100.1");

IssuedTokens tokens_of(std::string_view user) {
    IssuedTokens tokens;
    tokens.access_token = "access";
    tokens.user = user;
    return tokens;
}

class RememberedRequest : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_world();
    DeviceKeys keys_ = device_keys();

    TokenRequestFacts facts(Grant grant, const SessionOrigin &origin,
                            Address address = kOutside) const {
        return {.client_address = address,
                .grant = grant,
                .client_id = origin.app,
                .raw_client_id = {},
                .typed_user = {},
                .assured_user = {},
                .remembered = origin,
                .device_keys = &keys_};
    }

    // Both phases, as a client sees them: what the request was denied for, else the answer.
    Decision outcome(const TokenRequestFacts &request, const IssuedTokens &tokens) const {
        const TokenRequestVerdict verdict = judge_token_request(*policy_, request);
        if (verdict.next == Next::deny) {
            return verdict.judgement->decision;
        }
        const bool is_decided = verdict.next == Next::forward_and_hold;
        EXPECT_TRUE(is_decided || verdict.next == Next::hold);
        const auto judgement = judge_token_response(*policy_, request, tokens, {},
                                                    is_decided ? &*verdict.judgement : nullptr);
        return judgement ? judgement->decision : verdict.judgement->decision;
    }
};

TEST_F(RememberedRequest, ARefreshIsWhatTheEngineDecidesOfTheSession) {
    unsigned allowed = 0;
    for (const char *app : kApps) {
        for (unsigned flow = 0; flow < kFlows; ++flow) {
            for (const bool activated : {false, true}) {
                for (const Address address : {kInside, kOutside, kTrusted}) {
                    const SessionOrigin origin{.app = app,
                                               .user = "alice",
                                               .flow = static_cast<Flow>(flow),
                                               .device_activated = activated};
                    const Decision expected = decide(*policy_, {.client_address = address,
                                                                .user = "alice",
                                                                .app = app,
                                                                .operation = Operation::refresh,
                                                                .flow = static_cast<Flow>(flow),
                                                                .device_activated = activated});
                    const auto verdict =
                        judge_token_request(*policy_, facts(Grant::refresh_token, origin, address));
                    EXPECT_EQ(verdict.next,
                              expected.allowed() ? Next::forward_and_hold : Next::deny);
                    EXPECT_EQ(verdict.judgement->decision.reason, expected.reason)
                        << app << " " << name_of(static_cast<Flow>(flow)) << " " << activated;
                    allowed += expected.allowed() ? 1 : 0;
                }
            }
        }
    }
    EXPECT_GT(allowed, 0U);
    EXPECT_LT(allowed, kApps.size() * kFlows * 2 * 3);
}

TEST_F(RememberedRequest, ACodeIsALoginOfItsUserFromItsDevice) {
    SessionOrigin origin{.app = "devices", .user = "alice", .flow = Flow::web_server};
    EXPECT_EQ(judge_token_request(*policy_, facts(Grant::authorization_code, origin)).next,
              Next::deny);
    origin.device_activated = true;
    const auto verdict = judge_token_request(*policy_, facts(Grant::authorization_code, origin));
    EXPECT_EQ(verdict.next, Next::forward_and_hold);
    EXPECT_EQ(verdict.judgement->request.operation, Operation::login);
    EXPECT_EQ(verdict.judgement->decision.reason, Reason::activated_device);
}

TEST_F(RememberedRequest, ACodeOfNobodyWaitsForTheAnswerAndItsDevice) {
    const SessionOrigin origin{
        .app = "devices", .flow = Flow::web_server, .device_tag = device_tag_of(keys_, "alice")};
    const TokenRequestFacts request = facts(Grant::authorization_code, origin);
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::hold);
    EXPECT_EQ(outcome(request, tokens_of("alice")).reason, Reason::activated_device);
    EXPECT_EQ(outcome(request, tokens_of("")).reason, Reason::user_unidentified);
}

// J07: planting one's own cookie in somebody's browser relaxes nothing for either.
TEST_F(RememberedRequest, TheDeviceOfAnotherUserDoesNotRelax) {
    const SessionOrigin origin{.app = "devices",
                               .user = "alice",
                               .flow = Flow::web_server,
                               .device_tag = device_tag_of(keys_, "mallory")};
    for (const Grant grant : kRedeeming) {
        EXPECT_FALSE(outcome(facts(grant, origin), tokens_of("alice")).allowed());
    }
    SessionOrigin own = origin;
    own.device_tag = device_tag_of(keys_, "alice");
    EXPECT_TRUE(outcome(facts(Grant::refresh_token, own), tokens_of("alice")).allowed());
    EXPECT_TRUE(outcome(facts(Grant::authorization_code, own), tokens_of("alice")).allowed());
    TokenRequestFacts without_keys = facts(Grant::refresh_token, own);
    without_keys.device_keys = nullptr;
    EXPECT_FALSE(outcome(without_keys, tokens_of("alice")).allowed());
}

TEST_F(RememberedRequest, VerificationInTheAnswerActivatesTheDevice) {
    const SessionOrigin origin{.app = "devices", .flow = Flow::web_server};
    IssuedTokens verified = tokens_of("alice");
    verified.verified = true;
    EXPECT_EQ(outcome(facts(Grant::authorization_code, origin), verified).reason,
              Reason::activated_device);
}

// F06.
TEST_F(RememberedRequest, WhatWasIssuedToAnotherAppIsRefused) {
    const SessionOrigin origin{.app = "enforced", .user = "robin", .flow = Flow::web_server};
    for (const Grant grant : {Grant::refresh_token, Grant::authorization_code}) {
        TokenRequestFacts request = facts(grant, origin, kInside);
        EXPECT_EQ(judge_token_request(*policy_, request).next, Next::forward_and_hold);
        for (const char *client : {"relaxed", "Enforced", "enforced ", "not listed"}) {
            request.client_id = client;
            EXPECT_EQ(judge_token_request(*policy_, request).next, Next::refuse_mismatch) << client;
        }
    }
}

TEST_F(RememberedRequest, ARequestThatNamesNoAppIsOfTheAppThatIsRemembered) {
    const SessionOrigin origin{.app = "relaxed", .user = "alice", .flow = Flow::web_server};
    TokenRequestFacts request = facts(Grant::refresh_token, origin);
    request.client_id = {};
    const auto verdict = judge_token_request(*policy_, request);
    EXPECT_EQ(verdict.judgement->request.app, "relaxed");
    EXPECT_EQ(verdict.judgement->decision.reason, Reason::relaxed_app);
}

// F12: a token is exchanged by another app as a rule, so it does not say by which.
TEST_F(RememberedRequest, AnExchangeThatNamesNoAppIsOfNone) {
    for (const Flow flow : {Flow::web_server, Flow::device, Flow::unknown}) {
        const SessionOrigin origin{.app = "relaxed", .user = "alice", .flow = flow};
        TokenRequestFacts request = facts(Grant::token_exchange, origin);
        request.client_id = {};
        EXPECT_FALSE(decision_request_of(request, "alice").app);
        EXPECT_FALSE(outcome(request, tokens_of("alice")).allowed());
        request.client_address = kInside;
        EXPECT_TRUE(outcome(request, tokens_of("alice")).allowed());
    }
}

// F12, F13.
TEST_F(RememberedRequest, WhatIsBornOfAnAssertionEnforcesForever) {
    for (const Flow flow : {Flow::jwt_bearer, Flow::saml_bearer}) {
        for (const Grant grant : {Grant::refresh_token, Grant::token_exchange}) {
            for (const char *app : {"relaxed", "refresh"}) {
                const SessionOrigin origin{.app = app, .user = "alice", .flow = flow};
                EXPECT_EQ(flow_of(facts(grant, origin)), flow);
                EXPECT_FALSE(outcome(facts(grant, origin), tokens_of("alice")).allowed());
            }
        }
    }
    const SessionOrigin code{.app = "relaxed", .user = "alice", .flow = Flow::web_server};
    EXPECT_EQ(flow_of(facts(Grant::token_exchange, code)), Flow::token_exchange);
    EXPECT_TRUE(outcome(facts(Grant::token_exchange, code), tokens_of("alice")).allowed());
}

TEST_F(RememberedRequest, ASubjectTokenOfUnknownBirthMayBeBornOfAnAssertion) {
    const SessionOrigin origin{.app = "relaxed", .user = "alice", .flow = Flow::unknown};
    EXPECT_EQ(flow_of(facts(Grant::token_exchange, origin)), Flow::unknown);
    EXPECT_FALSE(outcome(facts(Grant::token_exchange, origin), tokens_of("alice")).allowed());
}

// F01.
TEST_F(RememberedRequest, ARefreshTokenThatNobodyRemembersRelaxesNothing) {
    for (const char *app : kApps) {
        TokenRequestFacts request = facts(Grant::refresh_token, {.app = app});
        request.remembered.reset();
        EXPECT_EQ(flow_of(request), Flow::unknown);
        EXPECT_EQ(judge_token_request(*policy_, request).next, Next::hold);
        EXPECT_FALSE(outcome(request, tokens_of("alice")).allowed()) << app;
        EXPECT_EQ(outcome(request, tokens_of("")).reason, Reason::user_unidentified);
    }
}

TEST_F(RememberedRequest, ATypedNameNeverReplacesTheRememberedOne) {
    const SessionOrigin origin{.app = "enforced", .user = "alice", .flow = Flow::web_server};
    TokenRequestFacts request = facts(Grant::token_exchange, origin);
    request.typed_user = "robin";
    const auto verdict = judge_token_request(*policy_, request);
    EXPECT_EQ(verdict.next, Next::deny);
    EXPECT_EQ(verdict.judgement->request.user, "alice");
}

TEST_F(RememberedRequest, WhatTheDeploymentSaysComesFirst) {
    const SessionOrigin origin{.app = "enforced", .user = "robin", .flow = Flow::web_server};
    TokenRequestFacts request = facts(Grant::refresh_token, origin);
    request.assured_user = "alice";
    EXPECT_EQ(judge_token_request(*policy_, request).next, Next::deny);
}

// I23: the tokens of a refresh that name another user must be allowed to both.
TEST_F(RememberedRequest, AnotherUserInTheAnswerMustBeAllowedToBoth) {
    const auto answered = [&](std::string_view remembered, std::string_view user, Address address) {
        const SessionOrigin origin{.app = "enforced", .user = remembered, .flow = Flow::web_server};
        return outcome(facts(Grant::refresh_token, origin, address), tokens_of(user)).allowed();
    };
    EXPECT_TRUE(answered("robin", "robin", kOutside));
    EXPECT_FALSE(answered("robin", "alice", kOutside));
    EXPECT_FALSE(answered("alice", "robin", kOutside));
    EXPECT_TRUE(answered("alice", "robin", kInside));
    EXPECT_TRUE(answered("robin", "alice", kInside));

    // Only known from the answer on, as the deployment's word may be.
    const SessionOrigin alice{.app = "enforced", .user = "alice", .flow = Flow::web_server};
    EXPECT_FALSE(judge_token_response(*policy_, facts(Grant::refresh_token, alice),
                                      tokens_of("alice"), "robin", nullptr)
                     ->decision.allowed());
}

TEST_F(RememberedRequest, AnotherUserHasNotTheDeviceOfTheFirst) {
    const SessionOrigin origin{
        .app = "devices", .user = "robin", .flow = Flow::web_server, .device_activated = true};
    EXPECT_TRUE(outcome(facts(Grant::refresh_token, origin), tokens_of("robin")).allowed());
    EXPECT_FALSE(outcome(facts(Grant::refresh_token, origin), tokens_of("alice")).allowed());

    SessionOrigin alice = origin;
    alice.user = "alice";
    IssuedTokens verified = tokens_of("robin");
    verified.verified = true;
    alice.device_activated = false;
    const auto judgement =
        judge_token_response(*policy_, facts(Grant::refresh_token, alice), verified, {}, nullptr);
    EXPECT_FALSE(judgement->decision.allowed()) << "robin was verified, and alice was not";
}

TEST_F(RememberedRequest, TokensThatDisagreeNameNobodyWhoeverIsRemembered) {
    const SessionOrigin origin{.app = "enforced", .user = "alice", .flow = Flow::web_server};
    IssuedTokens response = tokens_of("");
    EXPECT_TRUE(outcome(facts(Grant::refresh_token, origin, kInside), response).allowed());
    response.is_user_unclear = true;
    EXPECT_EQ(outcome(facts(Grant::refresh_token, origin, kInside), response).reason,
              Reason::user_unidentified);
}

// carol and dave are not listed: their tokens name their profiles.
class RememberedProfile : public RememberedRequest {
  protected:
    RememberedProfile() {
        OrganizationSettings organization;
        organization.profile_claim = "profile";
        policy_ = make_world(organization);
    }

    static IssuedTokens claiming(std::string_view user, std::string_view profile) {
        IssuedTokens tokens = tokens_of(user);
        tokens.profile_claimed = true;
        tokens.claimed_profile = profile;
        return tokens;
    }

    static SessionOrigin session_of(std::string_view user, std::string_view profile) {
        return {
            .app = "enforced", .user = user, .claimed_profile = profile, .flow = Flow::web_server};
    }
};

TEST_F(RememberedProfile, DecidesTheRefresh) {
    const SessionOrigin carol = session_of("carol", "anywhere");
    EXPECT_EQ(outcome(facts(Grant::refresh_token, carol), tokens_of("carol")).reason,
              Reason::no_login_ip_ranges);
    EXPECT_EQ(
        outcome(facts(Grant::refresh_token, session_of("carol", "office")), tokens_of("")).reason,
        Reason::outside_login_ip_ranges);
    EXPECT_EQ(
        outcome(facts(Grant::refresh_token, session_of("carol", "gone")), tokens_of("")).reason,
        Reason::profile_unknown);
    EXPECT_EQ(outcome(facts(Grant::refresh_token, session_of("alice", "anywhere")),
                      claiming("alice", "anywhere"))
                  .reason,
              Reason::outside_login_ip_ranges)
        << "a user that is listed has the profile that is listed";
}

TEST_F(RememberedProfile, GivesWayToTheOneThatTheNewTokensName) {
    const TokenRequestFacts carol = facts(Grant::refresh_token, session_of("carol", "anywhere"));
    EXPECT_TRUE(outcome(carol, claiming("carol", "anywhere")).allowed());
    EXPECT_EQ(outcome(carol, claiming("carol", "office")).reason, Reason::outside_login_ip_ranges);
    EXPECT_EQ(outcome(carol, claiming("carol", "gone")).reason, Reason::profile_unknown);
    EXPECT_EQ(outcome(carol, claiming("carol", "")).reason, Reason::profile_unknown);
}

TEST_F(RememberedProfile, IsItsOwnUsersOnly) {
    const TokenRequestFacts carol = facts(Grant::refresh_token, session_of("carol", "anywhere"));
    EXPECT_EQ(outcome(carol, tokens_of("dave")).reason, Reason::outside_login_ip_ranges)
        << "dave's profile is the default";
    const TokenRequestFacts dave = facts(Grant::refresh_token, session_of("dave", "office"));
    const auto judgement =
        judge_token_response(*policy_, dave, claiming("carol", "anywhere"), {}, nullptr);
    EXPECT_EQ(judgement->decision.reason, Reason::outside_login_ip_ranges)
        << "what carol's token claims is not for dave";
}

}  // namespace
}  // namespace ipfence::remembered_request_test
