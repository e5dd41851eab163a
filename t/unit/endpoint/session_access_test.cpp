#include "engine/endpoint/session_access.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engine/endpoint/browser_login.hpp"
#include "t/unit/endpoint/session_world.hpp"

namespace ipfence::session_access_test {
namespace {

GrantRecord grant(std::string_view app, std::string_view user, Flow flow = Flow::web_server) {
    GrantRecord record = grant_of({.app = {}, .user = {}, .flow = flow}, std::nullopt);
    EXPECT_TRUE(record.set_names(app, user, ""));
    return record;
}

class SessionAccess : public testing::Test {
  protected:
    std::unique_ptr<const Policy> policy_ = make_world();
    DeviceKeys keys_ = device_keys();

    AccessFacts facts(Operation operation, Address address = kInside) const {
        return {.client_address = address, .operation = operation, .device_keys = &keys_};
    }

    Reason session(Operation operation, std::vector<GrantRecord> grants) const {
        return judge_session(*policy_, facts(operation), grants).decision.reason;
    }
};

TEST_F(SessionAccess, TheMostRestrictedAppCountsInEveryOrder) {
    std::vector<GrantRecord> grants{grant("enforced", "alice"), grant("relaxed", "alice"),
                                    grant("devices", "alice")};
    const auto by_app = [](const GrantRecord &one, const GrantRecord &other) {
        return one.app() < other.app();
    };
    std::ranges::sort(grants, by_app);
    do {
        EXPECT_EQ(session(Operation::password_change, grants), Reason::sensitive_operation);
    } while (std::ranges::next_permutation(grants, by_app).found);
    EXPECT_EQ(session(Operation::password_change, {grant("enforced", "alice")}),
              Reason::login_ip_range);
}

TEST_F(SessionAccess, AGrantThatWasNotExchangedIsTheSessionsUsers) {
    EXPECT_EQ(session(Operation::login_flow, {grant("enforced", "alice"), grant("", "")}),
              Reason::login_ip_range);
    EXPECT_EQ(session(Operation::login_flow, {grant("", ""), grant("", "")}),
              Reason::user_unidentified);
    EXPECT_EQ(session(Operation::login_flow, {}), Reason::user_unidentified);
}

TEST_F(SessionAccess, AGrantThatWasNotExchangedRestrictsTheLastKnownUser) {
    const std::vector<GrantRecord> exchanged{grant("enforced", "alice")};
    for (const char *app : {"relaxed", "refresh"}) {
        EXPECT_EQ(session(Operation::password_change, {exchanged[0], grant(app, "")}),
                  Reason::sensitive_operation);
        EXPECT_EQ(session(Operation::password_change, {grant(app, ""), exchanged[0]}),
                  Reason::sensitive_operation);
    }
    const std::vector<GrantRecord> both{grant("enforced", "alice"), grant("relaxed", "robin"),
                                        grant("enforced", "")};
    EXPECT_EQ(last_known_user(exchanged), "alice");
    EXPECT_EQ(last_known_user(both), "robin");
    EXPECT_EQ(last_known_user({}), "");
}

TEST_F(SessionAccess, AGrantOfWhichTheUserMayHaveBeenAskedIsNobodysUntilItOrALaterOneIsExchanged) {
    GrantRecord asked = grant("enforced", "");
    ASSERT_TRUE(
        asked.set_names("enforced", "", names_in_one(std::array<std::string_view, 1>{"alice"})));
    const GrantRecord alice = grant("enforced", "alice");
    EXPECT_EQ(session(Operation::login_flow, {alice, asked}), Reason::user_unidentified);
    EXPECT_EQ(session(Operation::login_flow, {asked, alice}), Reason::login_ip_range);
}

TEST_F(SessionAccess, APossibleLoginThatHandedOutNothingRestrictsNothingOnceALaterOneIsKnown) {
    GrantRecord possible = grant("", "", Flow::unknown);
    ASSERT_TRUE(possible.set_names("", "", names_in_one(std::array<std::string_view, 1>{"alice"})));
    const GrantRecord alice = grant("device-flow", "alice");
    const Reason of_alice = session(Operation::login_flow, {alice});
    ASSERT_NE(of_alice, Reason::user_unidentified);
    EXPECT_EQ(session(Operation::login_flow, {alice, possible}), Reason::user_unidentified);
    EXPECT_EQ(session(Operation::login_flow, {alice, possible, alice}), of_alice);
    EXPECT_EQ(session(Operation::login_flow, {possible}), Reason::user_unidentified);
    EXPECT_EQ(session(Operation::password_change, {possible, grant("relaxed", "robin")}),
              session(Operation::password_change, {grant("relaxed", "robin")}));

    EXPECT_EQ(user_of_session(std::array{possible, alice}), "alice");
    EXPECT_EQ(user_of_session(std::array{alice, grant("enforced", "")}), "alice");
    EXPECT_EQ(user_of_session(std::array{alice, possible, grant("enforced", "")}), "");
    EXPECT_EQ(user_of_session({}), "");
}

// A browser has no refresh token, so what its app refreshed relaxes no page for it.
TEST_F(SessionAccess, WhatWasRefreshedInASessionOpensNothing) {
    GrantRecord refreshed = grant("refresh", "alice");
    refreshed.set(GrantRecord::kRefreshed, true);
    const std::vector<GrantRecord> grants{refreshed};
    const auto outside = [&](Operation operation) {
        return judge_session(*policy_, facts(operation, kOutside), grants).decision.reason;
    };
    EXPECT_EQ(outside(Operation::access), Reason::outside_login_ip_ranges);
    EXPECT_EQ(outside(Operation::password_change), Reason::sensitive_operation);
}

TEST_F(SessionAccess, WithoutContinuousEnforcementNothingIsChecked) {
    const auto policy = make_world({}, false);
    for (const Operation operation :
         {Operation::access, Operation::password_change, Operation::verification_registration,
          Operation::login_flow}) {
        for (const std::vector<GrantRecord> &grants :
             {std::vector<GrantRecord>{}, {grant("relaxed", "alice")}, {grant("", "")}}) {
            EXPECT_EQ(judge_session(*policy, facts(operation, kOutside), grants).decision.reason,
                      Reason::not_continuous);
        }
        EXPECT_EQ(judge_unidentified(*policy, facts(operation)).decision.reason,
                  Reason::not_continuous);
        EXPECT_EQ(judge_unidentified(*policy_, facts(operation)).decision.reason,
                  Reason::user_unidentified);
    }
}

TEST_F(SessionAccess, TwoUsersOfOneSessionMustBothBeAllowed) {
    const auto judge_outside = [&](std::vector<GrantRecord> grants) {
        return judge_session(*policy_, facts(Operation::access, kOutside), grants)
            .decision.allowed();
    };
    EXPECT_TRUE(judge_outside({grant("enforced", "robin")}));
    EXPECT_FALSE(judge_outside({grant("enforced", "robin"), grant("enforced", "alice")}));
    EXPECT_FALSE(judge_outside({grant("enforced", "alice"), grant("enforced", "robin")}));
}

TEST_F(SessionAccess, ADeviceIsActivatedForItsOwnUserOnly) {
    AccessFacts outside = facts(Operation::access, kOutside);
    const SessionOrigin alice{.app = "devices", .user = "alice", .flow = Flow::web_server};
    EXPECT_FALSE(judge_access(*policy_, outside, alice).decision.allowed());
    outside.device_tag = device_tag_of(keys_, "bob");
    EXPECT_FALSE(judge_access(*policy_, outside, alice).decision.allowed());
    outside.device_tag = device_tag_of(keys_, "alice");
    EXPECT_EQ(judge_access(*policy_, outside, alice).decision.reason, Reason::activated_device);
    outside.device_keys = nullptr;
    EXPECT_FALSE(judge_access(*policy_, outside, alice).decision.allowed());
}

TEST_F(SessionAccess, TheDeviceThatTheSessionBeganOnCountsLikeTheBrowsersOwn) {
    GrantRecord record = grant("devices", "alice");
    const auto allowed = [&](std::optional<DeviceTag> of_browser) {
        AccessFacts outside = facts(Operation::access, kOutside);
        outside.device_tag = of_browser;
        return judge_session(*policy_, outside, {&record, 1}).decision.allowed();
    };
    const DeviceTag alice = device_tag_of(keys_, "alice");
    const DeviceTag mallory = device_tag_of(keys_, "mallory");
    EXPECT_FALSE(allowed({}));
    EXPECT_TRUE(allowed(alice));
    record.set(GrantRecord::kDeviceTagged, true);
    record.device_tag = mallory;
    EXPECT_FALSE(allowed(mallory)) << "J07";
    record.device_tag = alice;
    EXPECT_TRUE(allowed({}));
    record.set(GrantRecord::kDeviceTagged, false);
    record.set(GrantRecord::kDeviceActivated, true);
    EXPECT_TRUE(allowed(mallory));
}

TEST_F(SessionAccess, TheDeploymentKnowsBetter) {
    AccessFacts assured = facts(Operation::access, kOutside);
    assured.assured_user = "robin";
    EXPECT_TRUE(judge_unidentified(*policy_, assured).decision.allowed());
    const SessionOrigin alice{.app = "enforced", .user = "alice", .flow = Flow::web_server};
    EXPECT_TRUE(judge_access(*policy_, assured, alice).decision.allowed());
    assured.assured_user = {};
    assured.assured_app = "relaxed";
    EXPECT_EQ(judge_access(*policy_, assured, alice).decision.reason, Reason::relaxed_app);
}

TEST_F(SessionAccess, TheDeploymentsUserHasNeitherDeviceNorProfileOfAnother) {
    OrganizationSettings organization;
    organization.profile_claim = "profile";
    policy_ = make_world(organization);
    AccessFacts assured = facts(Operation::access, kOutside);
    assured.assured_user = "alice";
    SessionOrigin known{.app = "devices",
                        .user = "robin",
                        .claimed_profile = "anywhere",
                        .flow = Flow::web_server,
                        .device_activated = true};
    EXPECT_FALSE(judge_access(*policy_, assured, known).decision.allowed());
    known.user = "alice";
    EXPECT_EQ(judge_access(*policy_, assured, known).decision.reason, Reason::activated_device);

    known.device_activated = false;
    assured.assured_user = "carol";  // whom the policy does not list
    EXPECT_EQ(judge_access(*policy_, assured, known).decision.reason,
              Reason::outside_login_ip_ranges);
    for (const char *user : {"carol", ""}) {
        known.user = user;
        EXPECT_EQ(judge_access(*policy_, assured, known).decision.reason,
                  Reason::no_login_ip_ranges)
            << "the token claims it of " << user;
    }
}

TEST(OriginOfClaims, SaysWhatTheyTell) {
    Organization organization;
    organization.user_claims = {"preferred_username", "sub"};
    organization.profile_claim = "group";
    const auto read = [&](const char *json) {
        const auto claims = Claims::parse(json);
        const SessionOrigin origin = origin_of(*claims, organization);
        return std::string(origin.app) + "|" + std::string(origin.user) + "|" +
               (origin.claimed_profile ? std::string(*origin.claimed_profile) : "-") + "|" +
               std::string(name_of(origin.flow));
    };
    EXPECT_EQ(read(R"({"client_id":"web","sub":"a","group":"g"})"), "web|a|g|unknown");
    EXPECT_EQ(read(R"({"azp":"web","sub":"a","preferred_username":"b"})"), "web|b|-|unknown");
    EXPECT_EQ(read(R"({"cid":"web","appid":"x","sub":"a"})"), "web|a|-|unknown") << "Okta";
    EXPECT_EQ(read(R"({"appid":"web","sub":"a"})"), "web|a|-|unknown") << "AD FS";
    EXPECT_EQ(read(R"({"client_id":["web"],"sub":1,"group":2})"), "|||unknown");
    EXPECT_EQ(read("{}"), "||-|unknown");
}

}  // namespace
}  // namespace ipfence::session_access_test
