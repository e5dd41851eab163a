#include "engine/endpoint/learning.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/session_world.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence {
namespace {

constexpr Seconds kNow = 1000;

class Learning : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_world();
    ZoneMemory zone_;
    Memory memory_ = Memory::on(zone_.make_zone()).value();

    Digest token_key(std::string_view token) { return *memory_.digest(Role::token, {}, token); }
    Digest code_key(std::string_view code) { return *memory_.digest(Role::code, {}, code); }

    std::optional<Remembered> token(std::string_view text, Seconds now = kNow) {
        return memory_.recall(token_key(text), now);
    }

    static IssuedTokens tokens(std::string access, std::string refresh = {}, std::string id = {}) {
        IssuedTokens issued;
        issued.access_token = std::move(access);
        issued.refresh_token = std::move(refresh);
        issued.id_token = std::move(id);
        issued.expires_in = 60;
        return issued;
    }

    Judgement judgement(Flow flow, std::string_view app = "enforced",
                        std::string_view user = "alice") {
        return judge(*policy_, {.client_address = kInside, .user = user, .app = app, .flow = flow});
    }

    Redeemed redeemed_code(std::string_view code) {
        const Digest key = code_key(code);
        return {.key = key, .memory = memory_.recall(key, kNow), .is_code = true};
    }

    Redeemed redeemed_refresh(std::string_view refresh) {
        const Digest key = token_key(refresh);
        return {.key = key, .memory = memory_.recall(key, kNow), .is_refresh_token = true};
    }
};

TEST_F(Learning, TokensKnowTheirSession) {
    EXPECT_EQ(learn_tokens(memory_, tokens("A", "R", "I"), judgement(Flow::device), {}, kNow),
              Learned::learned);
    for (const char *text : {"A", "R", "I"}) {
        const auto remembered = token(text);
        ASSERT_TRUE(remembered) << text;
        const SessionOrigin origin =
            origin_of(remembered->grant, remembered->credential.refreshed());
        EXPECT_EQ(origin.app, "enforced");
        EXPECT_EQ(origin.user, "alice");
        EXPECT_EQ(origin.flow, Flow::device);
        EXPECT_FALSE(origin.refreshed);
        EXPECT_EQ(remembered->grant.address(), kInside);
    }
    EXPECT_FALSE(token("A", kNow + 60)) << "expires_in";
    EXPECT_TRUE(token("R", kNow + 60));
}

TEST_F(Learning, ACodeLeadsFromTheBrowserToTheTokens) {
    const BrowserSession session{.key = *memory_.digest(Role::session, "sid", "S"), .replaces = {}};
    const SessionOrigin began{.app = "devices",
                              .flow = Flow::web_server,
                              .device_tag = device_tag_of(device_keys(), "alice")};
    EXPECT_EQ(learn_authorization(memory_, "C", {}, began, kOutside, {&session, 1}, kNow),
              Learned::learned);
    const Redeemed redeemed = redeemed_code("C");
    ASSERT_TRUE(redeemed.memory);
    EXPECT_EQ(redeemed.memory->grant.app(), "devices");
    EXPECT_EQ(redeemed.memory->grant.user(), "");

    learn_tokens(memory_, tokens("A", "R"), judgement(Flow::web_server, "devices"), redeemed, kNow);
    EXPECT_FALSE(memory_.recall(code_key("C"), kNow)) << "it has been used";
    EXPECT_EQ(token("A")->grant.user(), "alice");
    SessionMemory known;
    memory_.recall_session(session.key, kNow, known);
    ASSERT_EQ(known.count, 1U);
    EXPECT_EQ(known.grants()[0].user(), "alice") << "the cookie is known now";
    EXPECT_TRUE(known.grants()[0].has(GrantRecord::kDeviceTagged));
}

TEST_F(Learning, RotationIsFollowed) {
    learn_tokens(memory_, tokens("A1", "R1"), judgement(Flow::web_server), {}, kNow);
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server), redeemed_refresh("R1"),
                 kNow);
    EXPECT_TRUE(token("A2")->credential.refreshed());
    EXPECT_FALSE(token("A1")->credential.refreshed());
    EXPECT_EQ(token("A1")->credential.grant, token("R2")->credential.grant);
    EXPECT_TRUE(token("R1", kNow + Lifetimes::kRotated - 1)) << "known when it comes again";
    EXPECT_FALSE(token("R1", kNow + Lifetimes::kRotated));
    EXPECT_TRUE(token("R2", kNow + Lifetimes::kRotated));

    learn_tokens(memory_, tokens("A3"), judgement(Flow::web_server), redeemed_refresh("R2"), kNow);
    EXPECT_TRUE(token("R2", kNow + Lifetimes::kRotated)) << "no new one was issued: it goes on";
    learn_tokens(memory_, tokens("A4", "R2"), judgement(Flow::web_server), redeemed_refresh("R2"),
                 kNow);
    EXPECT_TRUE(token("R2", kNow + Lifetimes::kRotated)) << "issued again";
}

TEST_F(Learning, ARefreshThatNobodySawHasAnUnknownFlow) {
    learn_tokens(memory_, tokens("A", "R"), judgement(Flow::unknown),
                 redeemed_refresh("never seen"), kNow);
    EXPECT_EQ(origin_of(token("R")->grant, false).flow, Flow::unknown);
    EXPECT_TRUE(token("A")->credential.refreshed());
}

TEST_F(Learning, AForgottenFamilyIsNotRevived) {
    learn_tokens(memory_, tokens("A1", "R1"), judgement(Flow::web_server), {}, kNow);
    const Redeemed before = redeemed_refresh("R1");
    memory_.forget_grant(before.memory->credential.grant, kNow);
    EXPECT_FALSE(token("A1"));
    EXPECT_FALSE(redeemed_refresh("R1").memory);
}

TEST_F(Learning, NamesThatDoNotFitAreNotRemembered) {
    const std::string app(200, 'x');
    EXPECT_EQ(learn_tokens(memory_, tokens("A"), judgement(Flow::web_server, app), {}, kNow),
              Learned::too_long);
    EXPECT_FALSE(token("A"));
}

TEST_F(Learning, AReplacedSessionIsAsRestricted) {
    const Digest old_key = *memory_.digest(Role::session, "sid", "old");
    const BrowserSession before{.key = old_key, .replaces = {}};
    learn_authorization(memory_, "C", {}, {.app = "relaxed", .flow = Flow::web_server}, kInside,
                        {&before, 1}, kNow);
    const BrowserSession after{.key = *memory_.digest(Role::session, "sid", "new"),
                               .replaces = old_key};
    EXPECT_EQ(learn_replaced_session(memory_, after, kNow), Learned::learned);
    SessionMemory known;
    memory_.recall_session(after.key, kNow, known);
    ASSERT_EQ(known.count, 1U);
    EXPECT_EQ(known.grants()[0].app(), "relaxed");
}

TEST_F(Learning, DerivedTokensShareAGrant) {
    const SessionOrigin origin{.app = "web", .user = "alice"};
    learn_derived_token(memory_, token_key("J1"), origin, 60, kNow);
    learn_derived_token(memory_, token_key("J2"), origin, 90, kNow);
    EXPECT_EQ(token("J1")->credential.grant, token("J2")->credential.grant);
    EXPECT_EQ(token("J1")->credential.header.standing, Standing::derived);
    EXPECT_TRUE(token("J2", kNow + 89));
    learn_derived_token(memory_, token_key("J3"), {.app = "web", .user = "bob"}, 60, kNow);
    EXPECT_NE(token("J1")->credential.grant, token("J3")->credential.grant);
}

TEST_F(Learning, VerificationClaimsCount) {
    IssuedTokens verified = tokens("A");
    verified.verified = true;
    learn_tokens(memory_, verified, judgement(Flow::web_server, "devices"), {}, kNow);
    EXPECT_TRUE(origin_of(token("A")->grant, false).device_activated);
}

// Whole circle: what is learned decides the refresh.
TEST_F(Learning, ARefreshIsDecidedByHowItsSessionBegan) {
    struct Row {
        const char *app;
        Flow flow;
        bool allowed_outside;
    };
    for (const Row &row :
         {Row{"refresh", Flow::web_server, true}, Row{"relaxed", Flow::web_server, true},
          Row{"enforced", Flow::web_server, false}, Row{"refresh", Flow::jwt_bearer, false},
          Row{"relaxed", Flow::saml_bearer, false}, Row{"refresh", Flow::unknown, false}}) {
        learn_tokens(memory_, tokens("A", "R"), judgement(row.flow, row.app), {}, kNow);
        const auto remembered = token("R");
        TokenRequestFacts facts;
        facts.client_address = kOutside;
        facts.grant = Grant::refresh_token;
        facts.client_id = row.app;
        facts.remembered = origin_of(remembered->grant, false);
        const TokenRequestVerdict verdict = judge_token_request(*policy_, facts);
        EXPECT_EQ(verdict.next == TokenRequestVerdict::Next::forward_and_hold, row.allowed_outside)
            << row.app << " " << name_of(row.flow);
        facts.client_id = "another";
        EXPECT_EQ(judge_token_request(*policy_, facts).next,
                  TokenRequestVerdict::Next::refuse_mismatch);
    }
}

}  // namespace
}  // namespace ipfence
