// What of a login was still to be decided where the browser got its code (threats.md F16).

#include "engine/endpoint/browser_login.hpp"

#include <initializer_list>
#include <vector>

#include "engine/endpoint/token_endpoint.hpp"
#include "t/unit/endpoint/learning_fixture.hpp"

namespace ipfence::browser_login_test {
namespace {

class UndecidedLogin : public Learning {
  protected:
    static std::string names(std::initializer_list<std::string_view> users) {
        return names_in_one(std::vector<std::string_view>(users));
    }

    Learned authorize_from(const Address &address, std::string_view users,
                           std::string_view app = {}) {
        const BrowserSession browser = session("S");
        return learn_authorization(memory_, "C", {}, {.app = app, .flow = Flow::web_server},
                                   {address, users}, {&browser, 1}, kNow);
    }

    // An exchange whose answer names `user`.
    Decision exchange(std::string_view app, std::string_view user,
                      const Address &address = kInside) {
        const Redeemed redeemed = redeemed_code("C");
        TokenRequestFacts facts;
        facts.client_address = address;
        facts.grant = Grant::authorization_code;
        facts.client_id = app;
        facts.remembered = origin_of(redeemed.memory->grant, false);
        facts.browser = browser_login_of(redeemed.memory->grant);
        IssuedTokens issued = tokens("A");
        issued.user = user;
        return judge_token_response(*policy_, facts, issued, {}, nullptr)->decision;
    }
};

TEST_F(UndecidedLogin, NamesAreFoundInOneText) {
    const std::string text = names({"alice", "robin", "alice", "al"});
    const BrowserLogin login{.undecided_users = text};
    for (const char *name : {"alice", "robin", "al"}) {
        EXPECT_TRUE(login.is_undecided_for(name)) << name;
    }
    for (const char *name : {"", "ali", "rob", "ice", "robin2"}) {
        EXPECT_FALSE(login.is_undecided_for(name)) << name;
    }
    EXPECT_EQ(text.size(), 15U) << "each of them once";
    EXPECT_FALSE(BrowserLogin{}.is_undecided_for("alice"));
    EXPECT_FALSE(BrowserLogin{}.is_undecided_for(""));
}

TEST_F(UndecidedLogin, IsDecidedForTheBrowserOnceTheAppIsKnown) {
    authorize_from(kOutside, names({"alice"}));
    EXPECT_EQ(exchange("enforced", "alice").reason, Reason::outside_login_ip_ranges);
    EXPECT_EQ(exchange("relaxed", "alice").reason, Reason::relaxed_app);
    EXPECT_EQ(exchange("enforced", "robin").reason, Reason::no_login_ip_ranges)
        << "somebody else has signed in";
}

TEST_F(UndecidedLogin, ThatIsAllowedToTheBrowserIsStillDecidedForTheApp) {
    authorize_from(kInside, names({"alice"}));
    EXPECT_EQ(exchange("enforced", "alice", kOutside).reason, Reason::outside_login_ip_ranges);
    EXPECT_EQ(exchange("enforced", "robin", kOutside).reason, Reason::no_login_ip_ranges);
}

TEST_F(UndecidedLogin, IsNoneInsideNorOfNobodyNorOnceItWasDecided) {
    authorize_from(kInside, names({"alice"}));
    EXPECT_EQ(exchange("enforced", "alice").reason, Reason::login_ip_range);
    authorize_from(kOutside, {});
    EXPECT_EQ(exchange("enforced", "alice").reason, Reason::login_ip_range);
    authorize_from(kOutside, names({"bob"}));
    EXPECT_EQ(exchange("enforced", "alice").reason, Reason::login_ip_range);
}

TEST_F(UndecidedLogin, IsNoPartOfTheGrantAfterTheExchange) {
    authorize_from(kOutside, names({"alice"}));
    EXPECT_EQ(recall(session("S")).grants()[0].undecided_users(), names({"alice"}));
    learn_tokens(memory_, tokens("A"), judgement(Flow::web_server), redeemed_code("C"), kNow);
    EXPECT_EQ(recall(session("S")).grants()[0].undecided_users(), "");
    EXPECT_EQ(recall(session("S")).grants()[0].user(), "alice");
    EXPECT_FALSE(origin(token("A")).claimed_profile);
}

TEST_F(UndecidedLogin, OfASessionThatWasForgottenSinceIsThere) {
    authorize_from(kOutside, names({"alice"}));
    EXPECT_FALSE(memory_.forgotten_grant(code_key("C"), kNow));
    memory_.forget_session(session("S").key, kNow);
    EXPECT_FALSE(memory_.recall(code_key("C"), kNow));
    const auto grant = memory_.forgotten_grant(code_key("C"), kNow);
    ASSERT_TRUE(grant);
    EXPECT_EQ(browser_login_of(*grant).client_address, kOutside);
    EXPECT_TRUE(browser_login_of(*grant).is_undecided_for("alice"));
}

TEST_F(UndecidedLogin, ThatDoesNotFitIsToldApart) {
    const std::string app(GrantRecord::kTextSize - 3, 'x');
    EXPECT_EQ(authorize_from(kOutside, names({"alice"}), app), Learned::too_long);
}

TEST_F(UndecidedLogin, WhoseASessionWasIsKnownUnderAnotherKey) {
    authorize("C", session("S"), {.app = "enforced", .user = "alice", .flow = Flow::web_server});
    memory_.forget_session(session("S").key, kNow);
    EXPECT_EQ(learn_ended_session(memory_, session("S").key, "alice", kNow), Learned::learned);
    EXPECT_EQ(recall(session("S")).state, SessionMemory::State::unknown);
    SessionMemory ended;
    memory_.recall_session(*ended_session(memory_, session("S").key), kNow, ended);
    ASSERT_EQ(ended.grants().size(), 1U);
    EXPECT_EQ(ended.grants()[0].user(), "alice");
    EXPECT_EQ(learn_ended_session(memory_, session("T").key, "alice", kNow), Learned::learned);
    memory_.recall_session(*ended_session(memory_, session("T").key), kNow, ended);
    EXPECT_EQ(ended.grants().size(), 1U) << "one grant for all of them";
}

}  // namespace
}  // namespace ipfence::browser_login_test
