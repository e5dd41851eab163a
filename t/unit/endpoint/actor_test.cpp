// F12: in a token exchange (RFC 8693) somebody acts for somebody else, and both are judged.

#include <gtest/gtest.h>

#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/session_world.hpp"

namespace ipfence::actor_test {
namespace {

using Next = TokenRequestVerdict::Next;

class Actor : public testing::Test {
  protected:
    TokenRequestFacts exchange(std::optional<SessionOrigin> subject,
                               std::optional<SessionOrigin> actor,
                               Address address = kOutside) const {
        return {.client_address = address,
                .grant = Grant::token_exchange,
                .client_id = "enforced",
                .raw_client_id = {},
                .typed_user = {},
                .assured_user = {},
                .remembered = std::move(subject),
                .actor = std::move(actor),
                .device_keys = &keys_};
    }

    static SessionOrigin of(std::string_view user, Flow flow = Flow::web_server) {
        return {.app = "enforced", .user = user, .flow = flow};
    }

    std::unique_ptr<const Policy> policy_ = make_world({}, true, [](PolicyBuilder &builder) {
        for (const auto &[name, user] : {std::pair{"machine", "robin"}, {"service", "alice"}}) {
            AppSettings app;
            app.client_id = name;
            app.run_as = user;
            builder.add_app(std::move(app));
        }
    });
    DeviceKeys keys_ = device_keys();
};

TEST_F(Actor, MustBeAllowedAsTheSubjectMust) {
    for (const char *subject : {"alice", "robin"}) {
        for (const char *actor : {"alice", "robin"}) {
            const bool both =
                subject == std::string_view("robin") && actor == std::string_view("robin");
            const auto outside = judge_token_request(*policy_, exchange(of(subject), of(actor)));
            EXPECT_EQ(outside.next, both ? Next::forward_and_hold : Next::deny)
                << subject << " " << actor;
            const auto inside =
                judge_token_request(*policy_, exchange(of(subject), of(actor), kInside));
            EXPECT_EQ(inside.next, Next::forward_and_hold) << subject << " " << actor;
        }
    }
}

TEST_F(Actor, IsJudgedBeforeASubjectThatNobodyRemembers) {
    const auto denied = judge_token_request(*policy_, exchange(std::nullopt, of("alice")));
    EXPECT_EQ(denied.next, Next::deny);
    EXPECT_EQ(denied.judgement->request.user, "alice");
    EXPECT_EQ(judge_token_request(*policy_, exchange(std::nullopt, of("robin"))).next, Next::hold);
}

TEST_F(Actor, ThatNobodyRemembersIsNobody) {
    const auto verdict = judge_token_request(*policy_, exchange(of("robin"), SessionOrigin{}));
    EXPECT_EQ(verdict.next, Next::deny);
    EXPECT_EQ(verdict.judgement->decision.reason, Reason::user_unidentified);
}

// Keycloak's `requested_subject`: whoever stands behind the subject token, the new ones are not
// his.
TEST_F(Actor, IsTheSubjectWhoAsksForTokensOfSomebodyElse) {
    for (const char *subject : {"alice", "robin"}) {
        for (const char *other : {"alice", "robin", ""}) {
            TokenRequestFacts facts = exchange(of(subject), std::nullopt);
            facts.is_impersonation = true;
            const auto verdict = judge_token_request(*policy_, facts);
            const bool may_ask = subject == std::string_view("robin");
            EXPECT_EQ(verdict.next, may_ask ? Next::hold : Next::deny) << subject << " " << other;
            IssuedTokens tokens;
            tokens.user = other;
            const auto judgement = judge_token_response(*policy_, facts, tokens, {}, nullptr);
            ASSERT_TRUE(judgement);
            EXPECT_EQ(judgement->decision.allowed(), may_ask && other == std::string_view("robin"))
                << subject << " " << other;
            EXPECT_EQ(judgement->request.user.value_or(""), may_ask ? other : subject);
        }
    }
}

TEST_F(Actor, AnAppInItsOwnNameIsTheUserThatItRunsAs) {
    SessionOrigin machine{.app = "machine", .flow = Flow::client_credentials};
    EXPECT_EQ(judge_token_request(*policy_, exchange(of("robin"), machine)).next,
              Next::forward_and_hold);
    machine.app = "service";
    EXPECT_EQ(judge_token_request(*policy_, exchange(of("robin"), machine)).next, Next::deny);
    EXPECT_EQ(judge_token_request(*policy_, exchange(of("robin"), machine, kInside)).next,
              Next::forward_and_hold);
}

// Its own token may be of an app that relaxes; the one that asks does not.
TEST_F(Actor, IsJudgedForTheAppThatAsks) {
    SessionOrigin actor = of("alice");
    actor.app = "relaxed";
    EXPECT_EQ(judge_token_request(*policy_, exchange(of("robin"), actor)).next, Next::deny);
    EXPECT_EQ(judge_token_request(*policy_, exchange(of("robin"), actor, kInside)).next,
              Next::forward_and_hold);
}

TEST_F(Actor, IsAnAppWhoseOwnTokenIsTheSubject) {
    SessionOrigin subject{.app = "machine", .flow = Flow::client_credentials};
    EXPECT_EQ(judge_token_request(*policy_, exchange(subject, std::nullopt)).next, Next::hold);
    subject.app = "service";
    EXPECT_EQ(judge_token_request(*policy_, exchange(subject, std::nullopt)).next, Next::deny);
    EXPECT_EQ(judge_token_request(*policy_, exchange(subject, std::nullopt, kInside)).next,
              Next::hold);
}

// Who goes on with his own session is judged as its user, and before the deployment's word is not.
TEST_F(Actor, IsNotTheSubjectWhoAsksForHimself) {
    TokenRequestFacts facts = exchange(of("alice"), std::nullopt);
    facts.assured_user = "robin";
    EXPECT_EQ(judge_token_request(*policy_, facts).next, Next::forward_and_hold);
    IssuedTokens tokens;
    tokens.user = "robin";
    const auto judgement = judge_token_response(*policy_, facts, tokens, "robin", nullptr);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->request.user, "alice");
    EXPECT_FALSE(judgement->decision.allowed());
}

TEST_F(Actor, BornOfAnAssertionMakesTheResultSo) {
    for (const Flow flow : {Flow::jwt_bearer, Flow::saml_bearer, Flow::unknown}) {
        TokenRequestFacts facts = exchange(of("alice"), of("robin", flow));
        facts.client_id = "relaxed";
        EXPECT_EQ(flow_of(facts), flow);
        EXPECT_EQ(judge_token_request(*policy_, facts).next, Next::deny);
        facts.actor = of("robin");
        EXPECT_EQ(flow_of(facts), Flow::token_exchange);
        EXPECT_EQ(judge_token_request(*policy_, facts).next, Next::forward_and_hold);
    }
}

}  // namespace
}  // namespace ipfence::actor_test
