// What the authorization endpoint hands out is remembered, and whose session it was given to.

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "engine/endpoint/session_access.hpp"
#include "t/unit/endpoint/learning_fixture.hpp"

namespace ipfence::learned_session_test {
namespace {

using State = SessionMemory::State;

class LearnedSession : public Learning {
  protected:
    Reason sensitive(const BrowserSession &session) {
        const SessionMemory memory = recall(session);
        const AccessFacts facts{.client_address = kInside, .operation = Operation::login_flow};
        return judge_session(*policy_, facts, memory.grants()).decision.reason;
    }
};

TEST_F(LearnedSession, ACodeLeadsFromTheBrowserToTheTokens) {
    const SessionOrigin began{.app = "devices",
                              .flow = Flow::web_server,
                              .device_tag = device_tag_of(device_keys(), "alice")};
    EXPECT_EQ(authorize("C", session("S"), began), Learned::learned);
    const Redeemed redeemed = redeemed_code("C");
    ASSERT_TRUE(redeemed.memory);
    EXPECT_EQ(redeemed.memory->grant.app(), "devices");
    EXPECT_EQ(redeemed.memory->grant.user(), "");
    EXPECT_EQ(recall(session("S")).grants()[0].user(), "") << "nobody has said whose it is";
    EXPECT_EQ(sensitive(session("S")), Reason::user_unidentified);

    learn_tokens(memory_, tokens("A", "R", "I"), judgement(Flow::web_server, "devices"), redeemed,
                 kNow);
    EXPECT_FALSE(memory_.recall(code_key("C"), kNow)) << "it has been used";
    for (const char *text : {"A", "R", "I"}) {
        ASSERT_TRUE(token(text)) << text;
        EXPECT_EQ(origin(token(text)).user, "alice");
        EXPECT_EQ(origin(token(text)).app, "devices");
        EXPECT_EQ(origin(token(text)).flow, Flow::web_server);
        EXPECT_EQ(origin(token(text)).device_tag, began.device_tag);
    }
    const SessionMemory known = recall(session("S"));
    ASSERT_EQ(known.count, 1U);
    EXPECT_EQ(known.grants()[0].user(), "alice") << "the cookie is known now";
    EXPECT_TRUE(known.grants()[0].has(GrantRecord::kDeviceTagged));
}

TEST_F(LearnedSession, AnImplicitAnswerIsKnownAtOnce) {
    const SessionOrigin began{.app = "enforced", .user = "alice", .flow = Flow::user_agent};
    EXPECT_EQ(authorize("", session("S"), began, tokens("A", "", "I")), Learned::learned);
    for (const char *text : {"A", "I"}) {
        ASSERT_TRUE(token(text)) << text;
        EXPECT_EQ(origin(token(text)).flow, Flow::user_agent);
        EXPECT_FALSE(origin(token(text)).refreshed);
        EXPECT_EQ(token(text)->credential.header.expires, kNow + 60) << "as the answer says";
    }
    EXPECT_EQ(sensitive(session("S")), Reason::login_ip_range);
}

TEST_F(LearnedSession, AnAnswerWithAnIdTokenAloneIsKnown) {
    const SessionOrigin began{.app = "enforced", .user = "alice", .flow = Flow::user_agent};
    EXPECT_EQ(authorize("", session("S"), began, tokens("", "", "I")), Learned::learned);
    EXPECT_TRUE(token("I"));
}

TEST_F(LearnedSession, AHybridAnswerAndItsExchangeAreOneGrant) {
    const SessionOrigin began{.app = "enforced", .flow = Flow::web_server};
    authorize("C", session("S"), began, tokens("A1"));
    EXPECT_EQ(origin(token("A1")).user, "");
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server), redeemed_code("C"),
                 kNow);
    EXPECT_EQ(token("A1")->credential.grant, token("A2")->credential.grant);
    EXPECT_EQ(origin(token("A1")).user, "alice");
    memory_.forget_grant(token("R2")->credential.grant, kNow);
    EXPECT_FALSE(token("A1") || token("A2") || token("R2"));
}

TEST_F(LearnedSession, ACodeThatIsNeverExchangedIsForgotten) {
    authorize("C", session("S"), {.app = "enforced", .flow = Flow::web_server});
    EXPECT_TRUE(memory_.recall(code_key("C"), kNow + Lifetimes::kCode - 1));
    EXPECT_FALSE(memory_.recall(code_key("C"), kNow + Lifetimes::kCode));
    EXPECT_EQ(recall(session("S"), kNow + Lifetimes::kSession - 1).state, State::known);
    EXPECT_EQ(recall(session("S"), kNow + Lifetimes::kSession).state, State::unknown);
}

TEST_F(LearnedSession, ARefreshedSessionIsSoInItsNewTokensOnly) {
    authorize("C", session("S"), {.app = "refresh", .flow = Flow::web_server});
    const Judgement allowed = judgement(Flow::web_server, "refresh");
    learn_tokens(memory_, tokens("A1", "R1"), allowed, redeemed_code("C"), kNow);
    learn_tokens(memory_, tokens("A2", "R2", "I2"), allowed, redeemed_refresh("R1"), kNow);
    EXPECT_FALSE(origin(token("A1")).refreshed);
    EXPECT_TRUE(origin(token("A2")).refreshed);
    EXPECT_FALSE(token("R2")->credential.refreshed() || token("I2")->credential.refreshed());
    EXPECT_EQ(token("A1")->credential.grant, token("R2")->credential.grant);
}

TEST_F(LearnedSession, AForgottenGrantStillRestrictsTheSession) {
    authorize("C1", session("S"), {.app = "relaxed", .user = "alice", .flow = Flow::web_server});
    learn_tokens(memory_, tokens("A"), judgement(Flow::web_server, "relaxed"), redeemed_code("C1"),
                 kNow);
    EXPECT_EQ(sensitive(session("S")), Reason::sensitive_operation);
    memory_.forget_grant(token("A")->credential.grant, kNow);
    EXPECT_FALSE(token("A"));
    EXPECT_EQ(sensitive(session("S")), Reason::sensitive_operation);
    authorize("C2", session("S"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(sensitive(session("S")), Reason::sensitive_operation);
}

TEST_F(LearnedSession, APossibleLoginMakesItNobodysUntilALaterOneIsKnown) {
    const std::string users = names_in_one(std::array<std::string_view, 1>{"alice"});
    const auto may_sign_in = [&] {
        return learn_possible_login(memory_, {kInside, users}, session("S"), kNow);
    };
    EXPECT_EQ(may_sign_in(), Learned::learned);
    EXPECT_EQ(recall(session("S")).state, State::unknown) << "it is nobody's anyway";

    const SessionOrigin alice{.app = "enforced", .user = "alice", .flow = Flow::web_server};
    authorize("C1", session("S"), alice);
    for (const char *code : {"C2", "C3"}) {
        EXPECT_EQ(sensitive(session("S")), Reason::login_ip_range);
        const std::size_t before = recall(session("S")).count;
        for (int count = 0; count < 3; ++count) {
            EXPECT_EQ(may_sign_in(), Learned::learned);
            EXPECT_EQ(recall(session("S")).count, before + 1) << "asked again and again";
        }
        EXPECT_EQ(sensitive(session("S")), Reason::user_unidentified);
        EXPECT_EQ(recall(session("S"), kNow + Lifetimes::kSession - 1).state, State::known);

        authorize(code, session("S"), {.app = "enforced", .flow = Flow::web_server});
        EXPECT_EQ(sensitive(session("S")), Reason::user_unidentified) << "not redeemed yet";
        learn_tokens(memory_, tokens(code), judgement(Flow::web_server), redeemed_code(code), kNow);
    }
    EXPECT_EQ(sensitive(session("S")), Reason::login_ip_range);
}

TEST_F(LearnedSession, AReplacedSessionIsAsRestricted) {
    authorize("C", session("old"), {.app = "relaxed", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(learn_replaced_session(memory_, session_after("new", session("old")), kNow),
              Learned::learned);
    EXPECT_EQ(recall(session("new")).count, 1U);
    EXPECT_EQ(sensitive(session("new")), Reason::sensitive_operation);
    authorize("C2", session("new"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(sensitive(session("new")), Reason::sensitive_operation);
}

TEST_F(LearnedSession, ASessionThatReplacesNothingLearnsNothing) {
    learn_replaced_session(memory_, session("S"), kNow);
    learn_replaced_session(memory_, session_after("S", session("S")), kNow);
    learn_replaced_session(memory_, session_after("S", session("never seen")), kNow);
    EXPECT_EQ(recall(session("S")).state, State::unknown);
}

TEST_F(LearnedSession, ASessionDoesNotReplaceItself) {
    authorize("C", session("S"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    learn_replaced_session(memory_, session_after("S", session("S")), kNow);
    EXPECT_EQ(recall(session("S")).count, 1U);
}

// As by a provider whose sessions end when they are not used.
TEST_F(LearnedSession, ASessionWhoseCookieIsSetAgainLivesOn) {
    BrowserSession brief = session_after("S", session("S"));
    brief.lifetime = 160;
    authorize("C", brief, {.app = "web", .user = "alice", .flow = Flow::web_server});
    authorize("C2", brief, {.app = "app", .user = "bob", .flow = Flow::web_server});
    learn_replaced_session(memory_, brief, kNow + 100);
    EXPECT_EQ(recall(session("S"), kNow + 100 + 160 - 1).count, 2U);
    EXPECT_EQ(last_known_user(recall(session("S"), kNow + 259).grants()), "bob");
    EXPECT_EQ(recall(session("S"), kNow + 100 + 160 + 20).state, State::unknown);
    brief.lifetime = 10;
    learn_replaced_session(memory_, brief, kNow + 200);
    EXPECT_EQ(recall(session("S"), kNow + 259).count, 2U) << "and no shorter";
    learn_replaced_session(memory_, brief, kNow + 280);
    EXPECT_EQ(recall(session("S"), kNow + 280).state, State::unknown) << "once it has ended";
}

// Whoever has a store tells it, which each page need not.
TEST_F(LearnedSession, ASessionWhoseCookieIsSetAgainAndAgainIsRarelyToldOf) {
    for (const Seconds lifetime : {Seconds{800}, 2 * Memory::kMaxLifetime}) {
        BrowserSession renewed = session_after("S", session("S"));
        renewed.lifetime = lifetime;
        authorize("C", renewed, {.app = "web", .user = "alice", .flow = Flow::web_server});
        Changes changes;
        const ChangesScope scope(memory_, changes);
        for (Seconds later = 1; later < 100; ++later) {
            learn_replaced_session(memory_, renewed, kNow + later);
        }
        EXPECT_LE(changes.bound().size(), 1U) << lifetime;
    }
}

TEST_F(LearnedSession, OfASessionThatHasEndedItIsKnownAsLongAsItsCookieIsSetAgain) {
    BrowserSession ended = session_after("S", session("S"));
    learn_ended_session(memory_, ended.key, "alice", kNow);
    learn_replaced_session(memory_, ended, kNow + 1000);
    const Digest key = ended_session(memory_, ended.key).value();
    const BrowserSession left{.key = key};
    EXPECT_EQ(recall(left, kNow + 1000 + Lifetimes::kSession - 1).state, State::known);
}

TEST_F(LearnedSession, ASessionKeepsAGrantOnce) {
    authorize("C", session("old"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    for (unsigned i = 0; i <= SessionMemory::kMaxGrants; ++i) {
        learn_replaced_session(memory_, session_after("new", session("old")), kNow);
    }
    EXPECT_EQ(recall(session("new")).count, 1U);
    EXPECT_EQ(sensitive(session("new")), Reason::login_ip_range);
}

TEST_F(LearnedSession, AGrantThatASessionHasAlreadyLetsItLiveLonger) {
    BrowserSession brief = session("S");
    brief.lifetime = 10;
    authorize("C", brief, {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    memory_.bind_session(brief.key, code_key("C"), 7, 2 * Lifetimes::kCode, kNow);
    EXPECT_EQ(recall(brief, kNow + Lifetimes::kCode + 1).state, State::known);
    EXPECT_EQ(recall(brief, kNow + 2 * Lifetimes::kCode).state, State::unknown);
}

// Were each login an owner, whoever signs in could displace all others: a code and a session take
// him one request.
TEST_F(LearnedSession, LoginsOfNobodyAreOneOwner) {
    const auto owner = [&](std::string_view code, const char *cookie, std::string_view user) {
        authorize(code, session(cookie),
                  {.app = "enforced", .user = user, .flow = Flow::web_server});
        return memory_.recall(code_key(code), kNow)->credential.header.owner;
    };
    EXPECT_EQ(owner("C1", "S1", ""), RecordHeader::kNobody);
    EXPECT_EQ(owner("C2", "S2", ""), RecordHeader::kNobody);
    EXPECT_EQ(owner("C4", "S4", "alice"), owner("C5", "S5", "alice"));
    EXPECT_NE(owner("C6", "S6", "alice"), owner("C7", "S7", "robin"));
    EXPECT_EQ(owner("C8", "S6", ""), owner("C4", "S4", "alice")) << "a session that is known";
}

TEST_F(LearnedSession, ALoginInTwoSessionsIsOfTheUserWhoIsKnown) {
    authorize("C1", session("known"), {.app = "web", .user = "alice", .flow = Flow::web_server});
    const BrowserSession known_first[] = {session("known"), session("new")};
    const BrowserSession known_last[] = {session("newer"), session("known")};
    for (const auto &sessions : {known_first, known_last}) {
        learn_authorization(memory_, "C2", {}, {.app = "web", .flow = Flow::web_server}, {kInside},
                            {sessions, 2}, kNow);
        EXPECT_EQ(memory_.recall(code_key("C2"), kNow)->credential.header.owner,
                  memory_.owner_of("alice", {}));
    }
}

TEST_F(LearnedSession, ASessionIsItsUsersAsSoonAsHeIsKnown) {
    const Digest key = session("S").key;
    const auto owners = [&] {
        std::vector<std::uint32_t> found;
        for (const Digest &record : {key, part_of(key, 0), part_of(key, 1)}) {
            found.push_back(
                memory_.zone().credentials().find<CredentialRecord>(record, kNow)->header.owner);
        }
        return found;
    };
    authorize("C1", session("S"), {.app = "enforced", .flow = Flow::web_server});
    memory_.claim_session(key, recall(session("S")), kNow);
    EXPECT_EQ(memory_.owner_of_session(key, kNow), RecordHeader::kNobody);
    learn_tokens(memory_, tokens("A"), judgement(Flow::web_server), redeemed_code("C1"), kNow);
    memory_.claim_session(key, recall(session("S")), kNow);
    authorize("C2", session("S"), {.app = "enforced", .flow = Flow::web_server});
    EXPECT_EQ(owners(), std::vector(3, memory_.owner_of("alice", {})));
}

TEST_F(LearnedSession, WhatWasLostStaysLostInTheSessionThatReplacesIt) {
    for (unsigned i = 0; i <= SessionMemory::kMaxGrants; ++i) {
        authorize("C" + std::to_string(i), session("old"),
                  {.app = "app" + std::to_string(i), .user = "alice", .flow = Flow::web_server});
    }
    ASSERT_EQ(recall(session("old")).state, State::lost);
    learn_replaced_session(memory_, session_after("new", session("old")), kNow);
    EXPECT_EQ(recall(session("new")).state, State::lost);
    authorize("C", session("new"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(recall(session("new")).state, State::lost) << "one of the lost ones may forbid";
}

TEST_F(LearnedSession, OneThatReplacesALostSessionIsStillOfItsUser) {
    authorize("C1", session("old"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    const std::string app(GrantRecord::kTextSize + 1, 'x');
    authorize("C2", session("old"), {.app = app, .flow = Flow::web_server});
    ASSERT_EQ(recall(session("old")).state, State::lost);
    learn_replaced_session(memory_, session_after("new", session("old")), kNow);
    const SessionMemory lost = recall(session("new"));
    EXPECT_EQ(lost.state, State::lost);
    EXPECT_TRUE(lost.grants().empty());
    ASSERT_EQ(lost.found_grants().size(), 1U);
    EXPECT_EQ(lost.found_grants()[0].user(), "alice");
}

TEST_F(LearnedSession, OneThatReplacesAForgottenSessionWasOfItsUser) {
    learn_ended_session(memory_, session("old").key, "alice", kNow);
    learn_replaced_session(memory_, session_after("new", session("old")), kNow);
    learn_replaced_session(memory_, session_after("newer", session("new")), kNow);
    EXPECT_EQ(recall(session("newer")).state, State::unknown);
    const SessionMemory ended = recall({.key = *ended_session(memory_, session("newer").key)});
    ASSERT_EQ(ended.found_grants().size(), 1U);
    EXPECT_EQ(ended.found_grants()[0].user(), "alice");
}

TEST_F(LearnedSession, WhatIsLeftOfASessionMakesTheOneThatReplacesItLost) {
    authorize("C1", session("old"), {.app = "relaxed", .user = "alice", .flow = Flow::web_server});
    ASSERT_TRUE(zone_.tear(session("old").key));
    ASSERT_EQ(recall(session("old")).state, State::unknown);
    learn_replaced_session(memory_, session_after("new", session("old")), kNow);
    authorize("C2", session("new"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(recall(session("new")).state, State::lost) << "what it replaced may forbid";
}

TEST_F(LearnedSession, AnAppThatDoesNotFitLeavesNoSessionThatLacksIt) {
    authorize("C1", session("S"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    EXPECT_EQ(sensitive(session("S")), Reason::login_ip_range);
    const std::string app(GrantRecord::kTextSize + 1, 'x');
    EXPECT_EQ(authorize("C2", session("S"), {.app = app, .flow = Flow::web_server}, tokens("A")),
              Learned::too_long);
    EXPECT_FALSE(token("A") || memory_.recall(code_key("C2"), kNow));
    EXPECT_TRUE(memory_.has_lost_grant(token_key("A"), kNow)) << "no token from elsewhere";
    const SessionMemory lost = recall(session("S"));
    EXPECT_EQ(lost.state, State::lost);
    EXPECT_TRUE(lost.grants().empty()) << "by which nothing is decided";
    ASSERT_EQ(lost.found_grants().size(), 1U);
    EXPECT_EQ(lost.found_grants()[0].user(), "alice") << "and of which is still said whose it is";
}

}  // namespace
}  // namespace ipfence::learned_session_test
