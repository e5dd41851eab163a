// What the token endpoint issues, and what an API finds out, is remembered.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "engine/credential/base64.hpp"
#include "engine/endpoint/token_digest.hpp"
#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/learning_fixture.hpp"

namespace ipfence::learning_test {
namespace {

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

TEST_F(Learning, EverythingIsForgottenInItsTime) {
    IssuedTokens issued = tokens("A", "R", "I");
    issued.refresh_expires_in = 120;
    learn_tokens(memory_, issued, judgement(Flow::device), {}, kNow);
    EXPECT_TRUE(token("A", kNow + 59) && token("I", kNow + 59) && token("R", kNow + 119));
    EXPECT_FALSE(token("A", kNow + 60) || token("I", kNow + 60) || token("R", kNow + 120));

    IssuedTokens silent = tokens("A silent", "R silent");
    silent.expires_in.reset();
    learn_tokens(memory_, silent, judgement(Flow::device), {}, kNow);
    EXPECT_TRUE(token("A silent", kNow + Lifetimes::kAccessToken - 1));
    EXPECT_FALSE(token("A silent", kNow + Lifetimes::kAccessToken));
    EXPECT_TRUE(token("R silent", kNow + Lifetimes::kRefreshToken - 1));
    EXPECT_FALSE(token("R silent", kNow + Lifetimes::kRefreshToken));
}

TEST_F(Learning, AJwtIsKnownAsLongAsItIsGood) {
    IssuedTokens issued = tokens("A", "", "I");
    issued.access_token_span = 300;
    issued.id_token_span = 3600;
    learn_tokens(memory_, issued, judgement(Flow::jwt_bearer), {}, kNow);
    EXPECT_TRUE(token("A", kNow + 300 + Lifetimes::kLeeway - 1));
    EXPECT_FALSE(token("A", kNow + 300 + Lifetimes::kLeeway));
    EXPECT_TRUE(token("I", kNow + 3600 + Lifetimes::kLeeway - 1));
    EXPECT_FALSE(token("I", kNow + 3600 + Lifetimes::kLeeway));

    IssuedTokens shorter = tokens("A shorter", "", "I shorter");
    shorter.expires_in = 3600;
    shorter.access_token_span = shorter.id_token_span = 60;
    learn_tokens(memory_, shorter, judgement(Flow::jwt_bearer), {}, kNow);
    EXPECT_TRUE(token("A shorter", kNow + 3599) && token("I shorter", kNow + 3599));
    EXPECT_FALSE(token("A shorter", kNow + 3600) || token("I shorter", kNow + 3600));
}

TEST_F(Learning, OfflineAccessOutlivesLogoutAndAllThatFollows) {
    authorize("C", session("S"), {.app = "refresh", .flow = Flow::web_server});
    IssuedTokens offline = tokens("A", "R");
    offline.outlive_logout = true;
    learn_tokens(memory_, offline, judgement(Flow::web_server, "refresh"), redeemed_code("C"),
                 kNow);
    memory_.forget_session(session("S").key, kNow);
    EXPECT_TRUE(token("A"));
    // A refresh may be for less (RFC 6749, section 6); its refresh token is for as much as before.
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server, "refresh"),
                 redeemed_refresh("R"), kNow);
    EXPECT_TRUE(token("R2")->grant.outlives_logout());
    EXPECT_EQ(origin(token("R2")).flow, Flow::web_server);
}

// I08.
TEST_F(Learning, LifetimesAtTheEdgeAreBounded) {
    IssuedTokens dead = tokens("dead");
    dead.expires_in = 0;
    learn_tokens(memory_, dead, judgement(Flow::device), {}, kNow);
    EXPECT_FALSE(token("dead"));

    IssuedTokens offline = tokens("A", "offline");
    offline.refresh_expires_in = 0;
    learn_tokens(memory_, offline, judgement(Flow::device), {}, kNow);
    EXPECT_TRUE(token("offline", kNow + Lifetimes::kRefreshToken - 1)) << "it does not expire";

    IssuedTokens immortal = tokens("immortal");
    immortal.expires_in = INT64_MAX;
    learn_tokens(memory_, immortal, judgement(Flow::device), {}, kNow);
    EXPECT_TRUE(token("immortal", kNow + Memory::kMaxLifetime - 1));
    EXPECT_FALSE(token("immortal", kNow + Memory::kMaxLifetime));
}

TEST_F(Learning, TheProfileThatATokenClaimedGoesWithIt) {
    Judgement claimed = judgement(Flow::web_server, "enforced", "carol");
    claimed.request.claimed_profile = "anywhere";
    learn_tokens(memory_, tokens("A", "R"), claimed, {}, kNow);
    EXPECT_EQ(origin(token("A")).claimed_profile, "anywhere");

    learn_tokens(memory_, tokens("A2"), judgement(Flow::web_server, "enforced", "carol"),
                 redeemed_refresh("R"), kNow);
    EXPECT_EQ(origin(token("A2")).claimed_profile, "anywhere") << "nothing was said against it";
    claimed.request.claimed_profile = "office";
    learn_tokens(memory_, tokens("A3"), claimed, redeemed_refresh("R"), kNow);
    EXPECT_EQ(origin(token("A3")).claimed_profile, "office");
}

TEST_F(Learning, WhatATokenClaimsIsKnownAlsoOfWhomThePolicyLists) {
    IssuedTokens claiming = tokens("A", "R");
    claiming.profile_claimed = true;
    claiming.claimed_profile = "branch";
    learn_tokens(memory_, claiming, judgement(Flow::username_password), {}, kNow);
    EXPECT_EQ(origin(token("A")).claimed_profile, "branch");

    Judgement of_refresh = judgement(Flow::username_password);
    of_refresh.request.claimed_profile = "branch";
    claiming = tokens("A2");
    claiming.profile_claimed = true;
    claiming.claimed_profile = "office";
    learn_tokens(memory_, claiming, of_refresh, redeemed_refresh("R"), kNow);
    EXPECT_EQ(origin(token("A2")).claimed_profile, "office") << "what it claimed last";

    claiming.access_token = "M";
    learn_tokens(memory_, claiming, judgement(Flow::client_credentials, "service", ""), {}, kNow);
    EXPECT_FALSE(origin(token("M")).claimed_profile) << "an app of its own has no profile";
}

TEST_F(Learning, VerificationClaimsCount) {
    IssuedTokens verified = tokens("A");
    verified.verified = true;
    learn_tokens(memory_, verified, judgement(Flow::web_server, "devices"), {}, kNow);
    EXPECT_TRUE(origin(token("A")).device_activated);
}

TEST_F(Learning, AForgottenFamilyIsUnknownAndNotRevived) {
    learn_tokens(memory_, tokens("A1", "R1", "I1"), judgement(Flow::web_server), {}, kNow);
    const Redeemed in_flight = redeemed_refresh("R1");
    memory_.forget_grant(in_flight.memory->credential.grant, kNow);
    EXPECT_FALSE(token("A1") || token("R1") || token("I1"));
    EXPECT_FALSE(redeemed_refresh("R1").memory);

    // A refresh that was on its way when the family was revoked.
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server), in_flight, kNow);
    EXPECT_FALSE(token("A1") || token("A2") || token("R2"));
}

// As one that comes after the logout does: its tokens are the app's, whatever became of the
// session.
TEST_F(Learning, ACodeWhoseLoginEndedOnTheWayBeginsAnotherSession) {
    const BrowserSession browser = session("S");
    authorize("C", browser, {.app = "enforced", .flow = Flow::web_server});
    const Redeemed in_flight = redeemed_code("C");
    memory_.forget_session(browser.key, kNow);
    EXPECT_EQ(learn_tokens(memory_, tokens("A", "R"), judgement(Flow::web_server), in_flight, kNow),
              Learned::learned);
    ASSERT_TRUE(token("A") && token("R"));
    EXPECT_EQ(origin(token("R")).user, "alice");
    EXPECT_EQ(origin(token("R")).flow, Flow::web_server);
    EXPECT_FALSE(redeemed_code("C").memory);
    EXPECT_EQ(recall(browser).state, SessionMemory::State::unknown);
}

TEST_F(Learning, NamesThatDoNotFitAreNotRemembered) {
    const std::string app(200, 'x');
    EXPECT_EQ(learn_tokens(memory_, tokens("A"), judgement(Flow::web_server, app), {}, kNow),
              Learned::too_long);
    EXPECT_FALSE(token("A"));
    EXPECT_TRUE(memory_.has_lost_grant(token_key("A"), kNow)) << "no token from elsewhere";
}

TEST_F(Learning, NamesThatDoNotFitLeaveTheGrantAsItWas) {
    Judgement carol = judgement(Flow::web_server, "enforced", "carol");
    learn_tokens(memory_, tokens("A", "R"), carol, {}, kNow);
    const std::string profile(GrantRecord::kTextSize, 'x');
    carol.request.claimed_profile = profile;
    EXPECT_EQ(learn_tokens(memory_, tokens("A2", "R2"), carol, redeemed_refresh("R"), kNow),
              Learned::too_long);
    EXPECT_FALSE(token("A2") || token("R2"));
    EXPECT_TRUE(memory_.has_lost_grant(token_key("A2"), kNow)) << "no token from elsewhere";
    EXPECT_EQ(origin(token("A")).user, "carol");
    EXPECT_FALSE(origin(token("A")).claimed_profile);

    learn_tokens(memory_, tokens("A3", "R"), carol, redeemed_refresh("R"), kNow);
    EXPECT_EQ(origin(token("R")).user, "carol") << "the refresh token goes on";
}

TEST_F(Learning, DerivedTokensShareAGrant) {
    const SessionOrigin known{.app = "web", .user = "alice"};
    learn_derived_token(memory_, token_key("J1"), known, 60, kNow);
    learn_derived_token(memory_, token_key("J2"), known, 90, kNow);
    EXPECT_EQ(token("J1")->credential.grant, token("J2")->credential.grant);
    EXPECT_EQ(token("J1")->credential.header.standing, Standing::derived);
    EXPECT_FALSE(token("J1", kNow + 60));
    EXPECT_TRUE(token("J2", kNow + 89));

    SessionOrigin others[] = {known, known, known, known, {.app = "webalice", .user = ""}};
    others[0].user = "bob";
    others[1].app = "mail";
    others[2].claimed_profile = "office";
    others[3].claimed_profile = "";
    for (const SessionOrigin &other : others) {
        learn_derived_token(memory_, token_key("J3"), other, 60, kNow);
        EXPECT_NE(token("J1")->credential.grant, token("J3")->credential.grant);
        EXPECT_EQ(origin(token("J3")).user, other.user);
        EXPECT_EQ(origin(token("J3")).claimed_profile, other.claimed_profile);
    }
}

TEST_F(Learning, DerivedTokensGoFirst) {
    constexpr unsigned kLearned = 100;
    constexpr unsigned kDerived = 4000;  // far more than the smallest zone holds
    const auto derive = [&](unsigned round) {
        for (unsigned i = 0; i < kDerived; ++i) {
            const Digest key = token_key(std::to_string(round) + "J" + std::to_string(i));
            learn_derived_token(memory_, key, {.app = "web", .user = "alice"}, 60, kNow);
        }
    };
    derive(1);
    for (unsigned i = 0; i < kLearned; ++i) {
        learn_tokens(memory_, tokens("A" + std::to_string(i)), judgement(Flow::device), {}, kNow);
    }
    derive(2);
    for (unsigned i = 0; i < kLearned; ++i) {
        EXPECT_TRUE(token("A" + std::to_string(i))) << i;
    }
    unsigned left = 0;
    for (unsigned i = 0; i < kDerived; ++i) {
        left += token("1J" + std::to_string(i)) ? 1U : 0U;
    }
    EXPECT_LT(left + kLearned, memory_.zone().credentials().capacity());
    EXPECT_TRUE(token("2J" + std::to_string(kDerived - 1)))
        << "the last one has the place of another";
    EXPECT_GT(memory_.zone().counters().evicted, 0U);
}

TEST_F(Learning, AGrantStaysOfTheUserAndAppThatItBeganWith) {
    SessionOrigin began{.app = "devices", .user = "alice", .flow = Flow::web_server};
    began.device_activated = true;
    authorize("C", session("S"), began);
    learn_tokens(memory_, tokens("A", "R"), judgement(Flow::web_server, "relaxed", "robin"),
                 redeemed_code("C"), kNow);
    EXPECT_EQ(origin(token("A")).user, "alice");
    EXPECT_EQ(origin(token("A")).app, "devices");
    EXPECT_TRUE(origin(token("A")).device_activated) << "the exchange comes from no browser";
    EXPECT_EQ(token("A")->grant.header.owner, memory_.owner_of("alice", {}));
}

TEST_F(Learning, AnExchangeNamesTheAppThatTheAuthorizationDidNot) {
    authorize("C", session("S"), {.flow = Flow::web_server});
    learn_tokens(memory_, tokens("A"), judgement(Flow::web_server, "relaxed"), redeemed_code("C"),
                 kNow);
    EXPECT_EQ(origin(token("A")).app, "relaxed");
    EXPECT_EQ(origin(token("A")).user, "alice");
    EXPECT_EQ(token("A")->grant.header.owner, memory_.owner_of("alice", {})) << "no longer nobody";
}

TEST_F(Learning, TokensOfNobodyAreTheAppsAndTheLoginStaysNobodys) {
    authorize("C", session("S"), {.app = "enforced", .flow = Flow::web_server});
    learn_tokens(memory_, tokens("A"), judgement(Flow::web_server, "enforced", ""),
                 redeemed_code("C"), kNow);
    EXPECT_EQ(token("A")->credential.header.owner, memory_.owner_of({}, "enforced"));
    EXPECT_EQ(token("A")->grant.header.owner, RecordHeader::kNobody);
}

TEST_F(Learning, AFamilyThatWasRefreshedOnceIsARefreshedOne) {
    learn_tokens(memory_, tokens("A1", "R1"), judgement(Flow::web_server), {}, kNow);
    EXPECT_FALSE(token("R1")->grant.has(GrantRecord::kRefreshed));
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server), redeemed_refresh("R1"),
                 kNow);
    EXPECT_TRUE(token("R2")->grant.has(GrantRecord::kRefreshed));
}

TEST_F(Learning, ARefreshWhoseSessionIsGoneBeginsAnother) {
    learn_tokens(memory_, tokens("A1", "R1"), judgement(Flow::web_server), {}, kNow);
    learn_tokens(memory_, tokens("A2", "R2"), judgement(Flow::web_server), redeemed_refresh("R1"),
                 kNow);
    const Redeemed in_flight = redeemed_refresh("R2");
    memory_.forget(token_key("R1"));
    ASSERT_TRUE(zone_.tear(in_flight.memory->credential.grant));
    EXPECT_EQ(learn_tokens(memory_, tokens("A3", "R3"), judgement(Flow::unknown), in_flight, kNow),
              Learned::learned);
    EXPECT_EQ(origin(token("R3")).flow, Flow::unknown);
    EXPECT_EQ(origin(token("A3")).user, "alice");
    const auto redeemed = memory_.zone().credentials().find<CredentialRecord>(token_key("R2"), 0);
    ASSERT_TRUE(redeemed);
    EXPECT_EQ(redeemed->header.expires, kNow + Lifetimes::kRotated) << "it has had its day";
}

// A provider that did not hear of a revocation, and hands out the same refresh token.
TEST_F(Learning, ARefreshTokenThatGoesOnRevivesNoForgottenFamily) {
    learn_tokens(memory_, tokens("A1", "R"), judgement(Flow::web_server), {}, kNow);
    memory_.forget_grant(token("R")->credential.grant, kNow);
    const Redeemed unknown = redeemed_refresh("R");
    ASSERT_FALSE(unknown.memory);
    learn_tokens(memory_, tokens("A2", "R"), judgement(Flow::unknown), unknown, kNow);
    EXPECT_FALSE(token("A1"));
    EXPECT_EQ(origin(token("A2")).flow, Flow::unknown);
}

// Some providers answer with the access token that they issued before, as long as it is good.
TEST_F(Learning, TwoSessionsWithOneAccessTokenAreTwo) {
    learn_tokens(memory_, tokens("A", "R1"), judgement(Flow::jwt_bearer), {}, kNow);
    learn_tokens(memory_, tokens("A", "R2"), judgement(Flow::web_server), {}, kNow);
    EXPECT_EQ(origin(token("R1")).flow, Flow::jwt_bearer);
    EXPECT_EQ(origin(token("R2")).flow, Flow::web_server);
}

TEST_F(Learning, AnAnswerWithoutTokensIsNotRemembered) {
    EXPECT_EQ(learn_tokens(memory_, {}, judgement(Flow::device), {}, kNow), Learned::refused);
    EXPECT_EQ(authorize("", session("S"), {.app = "enforced", .flow = Flow::user_agent}),
              Learned::refused);
    EXPECT_EQ(recall(session("S")).state, SessionMemory::State::unknown);
}

// As where there was no memory for its digest.
TEST_F(Learning, TokensOfACodeThatHasNoDigestAreRemembered) {
    Redeemed code;
    code.is_code = true;
    EXPECT_EQ(learn_tokens(memory_, tokens("A"), judgement(Flow::web_server), code, kNow),
              Learned::learned);
    EXPECT_TRUE(token("A"));
}

// OpenID Connect Native SSO: apps of one device exchange it for tokens of their own.
TEST_F(Learning, ADeviceSecretLivesAsLongAsARefreshToken) {
    IssuedTokens issued = tokens("A", "", "I");
    issued.device_secret = "D";
    learn_tokens(memory_, issued, judgement(Flow::jwt_bearer), {}, kNow);
    ASSERT_TRUE(token("D", kNow + Lifetimes::kRefreshToken - 1));
    EXPECT_EQ(origin(token("D")).flow, Flow::jwt_bearer) << "and how it began";
    EXPECT_FALSE(token("D", kNow + Lifetimes::kRefreshToken));
}

// RFC 8693, section 2.2.1: an exchange issues it in the member `access_token`.
TEST_F(Learning, ARefreshTokenOfAnExchangeLivesAsLongAsAnyOther) {
    IssuedTokens issued = tokens("R");
    issued.expires_in.reset();
    issued.access_token_refreshes = true;
    learn_tokens(memory_, issued, judgement(Flow::jwt_bearer), {}, kNow);
    ASSERT_TRUE(token("R", kNow + Lifetimes::kRefreshToken - 1));
    EXPECT_EQ(origin(token("R")).flow, Flow::jwt_bearer) << "and how it began";
    issued.access_token = "S";
    issued.expires_in = 60;
    learn_tokens(memory_, issued, judgement(Flow::jwt_bearer), {}, kNow);
    EXPECT_FALSE(token("S", kNow + 60)) << "or as long as the answer says";
}

TEST_F(Learning, ASessionIsKeptNoLongerThanItsTokens) {
    IssuedTokens issued = tokens("A");
    issued.id_token_span = 3600;  // of an ID token that did not come
    learn_tokens(memory_, issued, judgement(Flow::device), {}, kNow);
    EXPECT_EQ(token("A")->grant.header.expires, kNow + 60);
}

TEST_F(Learning, WhatGivesWayInAZoneThatIsFullIsTold) {
    constexpr unsigned kMany = 4000;  // far more than the smallest zone holds
    Learned worst = Learned::learned;
    for (unsigned i = 0; i < kMany; ++i) {
        const std::string text = "A" + std::to_string(i);
        const Learned learned =
            learn_tokens(memory_, tokens(text), judgement(Flow::device), {}, kNow);
        EXPECT_TRUE(token(text)) << "the newest is known";
        worst = worse(worst, learned);
    }
    EXPECT_EQ(worst, Learned::evicting);
}

TEST_F(Learning, ADerivedTokenDisplacesNoSession) {
    constexpr unsigned kMany = 4000;
    for (unsigned i = 0; i < kMany; ++i) {
        memory_.remember_grant(digest_of(i), grant("web", "user" + std::to_string(i)), 60,
                               Standing::learned, kNow);
    }
    const auto evicted = memory_.zone().counters().evicted;
    EXPECT_EQ(
        learn_derived_token(memory_, token_key("J"), {.app = "web", .user = "alice"}, 60, kNow),
        Learned::refused);
    EXPECT_EQ(memory_.zone().counters().evicted, evicted);
    EXPECT_FALSE(token("J"));
    EXPECT_FALSE(memory_.has_lost_grant(token_key("J"), kNow)) << "nothing is known of it";
}

TEST_F(Learning, ADerivedTokenOutlivesAShorterOneOfItsKind) {
    const SessionOrigin known{.app = "web", .user = "alice"};
    learn_derived_token(memory_, token_key("J1"), known, 90, kNow);
    learn_derived_token(memory_, token_key("J2"), known, 60, kNow);
    EXPECT_TRUE(token("J1", kNow + 89));
}

TEST(Origin, OfADamagedRecordIsAFlowThatNobodyKnows) {
    GrantRecord grant;
    for (const unsigned flow : {unsigned{static_cast<std::uint8_t>(Flow::unknown)} + 1, 127U}) {
        grant.set_flow(static_cast<std::uint8_t>(flow));
        EXPECT_EQ(origin_of(grant, false).flow, Flow::unknown) << flow;
    }
}

TEST(Origin, HasADeviceOnlyWhereACookieSaidSo) {
    EXPECT_FALSE(origin_of(grant_of({.app = "web"}, kInside), false).device_tag);
    SessionOrigin tagged;
    tagged.device_tag = DeviceTag{};
    EXPECT_TRUE(origin_of(grant_of(tagged, kInside), false).device_tag);
}

// Of the two texts of a JWS with a signature of ECDSA, whichever comes is the one that was issued;
// see token_spelling_test.cpp.
TEST_F(Learning, ATokenIsKnownByEitherOfItsSpellings) {
    const auto encoded = [](unsigned char last) {
        std::array<unsigned char, 64> signature{};
        signature.back() = last;
        return "e30.e30." + encode_base64url(signature);
    };
    // The order of P-256, less 1.
    constexpr unsigned char kGreatest[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                           0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                           0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x50};
    std::array<unsigned char, 64> signature{};
    std::ranges::copy(kGreatest, signature.begin() + 32);
    const std::string greater = "e30.e30." + encode_base64url(signature);

    EXPECT_EQ(digest_of_token(memory_, greater), digest_of_token(memory_, encoded(1)));
    EXPECT_NE(digest_of_token(memory_, encoded(1)), digest_of_token(memory_, encoded(2)));
    EXPECT_EQ(digest_of_token(memory_, "opaque"), token_key("opaque"));
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
}  // namespace ipfence::learning_test
