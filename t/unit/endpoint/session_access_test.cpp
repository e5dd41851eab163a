#include "engine/endpoint/session_access.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "t/unit/endpoint/session_world.hpp"

namespace ipfence {
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

// Monotonicity (semantics.md): for an access, a fact that is not known opens nothing.
TEST_F(SessionAccess, NothingThatIsUnknownOpensAnything) {
    unsigned cases = 0;
    for (const std::string_view app : {"enforced", "relaxed", "refresh", "devices", "branch", ""}) {
        for (int flow = 0; flow <= static_cast<int>(Flow::unknown); ++flow) {
            for (int bits = 0; bits < 4; ++bits) {
                for (const Address address : {kInside, kOutside}) {
                    const SessionOrigin full{.app = app,
                                             .user = "alice",
                                             .flow = static_cast<Flow>(flow),
                                             .refreshed = (bits & 1) != 0,
                                             .device_activated = (bits & 2) != 0};
                    if (full.flow == Flow::client_credentials) {
                        continue;  // has no user to lose
                    }
                    const auto allowed = [&](const SessionOrigin &origin) {
                        return judge_access(*policy_, facts(Operation::access, address), origin)
                            .decision.allowed();
                    };
                    SessionOrigin less[4] = {full, full, full, full};
                    less[0].user = {};
                    less[1].flow = Flow::unknown;
                    less[2].refreshed = false;
                    less[3].device_activated = false;
                    for (const SessionOrigin &origin : less) {
                        EXPECT_LE(allowed(origin), allowed(full)) << app << " " << flow;
                        ++cases;
                    }
                }
            }
        }
    }
    EXPECT_EQ(cases, 6U * 9 * 4 * 2 * 4);
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
    EXPECT_EQ(read(R"({"client_id":["web"],"sub":1,"group":2})"), "|||unknown");
    EXPECT_EQ(read("{}"), "||-|unknown");
}

}  // namespace
}  // namespace ipfence
