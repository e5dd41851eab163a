#include "engine/store/grant_merge.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#include "engine/memory/memory.hpp"
#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::grant_merge_test {
namespace {

// Every part of a grant has few values, so that three of them often agree and often do not.
class Grants {
  public:
    GrantRecord next() {
        GrantRecord record;
        record.header.key = digest_of(1);
        record.header.expires = 1000 + pick(3);
        record.header.owner = pick(3);
        record.header.standing = pick(2) == 0 ? Standing::derived : Standing::learned;
        for (const std::uint8_t flag : {GrantRecord::kDeviceActivated, GrantRecord::kRefreshed}) {
            record.set(flag, pick(2) == 0);
        }
        record.set(GrantRecord::kForgotten, pick(5) == 0);
        record.set_flow(pick(12) == 0 ? 1 : 2);
        record.set_outlives_logout(pick(2) == 0);
        record.issued = pick(3);
        if (pick(2) == 0) {
            record.set(GrantRecord::kDeviceTagged, true);
            record.device_tag[0] = static_cast<unsigned char>(1 + pick(2));
        }
        record.set(GrantRecord::kProfileClaimed, pick(2) == 0);
        const bool claims = record.has(GrantRecord::kProfileClaimed);
        EXPECT_TRUE(record.set_names(pick(2) == 0    ? ""
                                     : pick(12) == 0 ? "other"
                                                     : "web",
                                     pick(2) == 0    ? ""
                                     : pick(12) == 0 ? "bob"
                                                     : "alice",
                                     claims ? kProfiles[pick(3)] : ""));
        record.set_address(Address::parse(kAddresses[pick(4)]));
        return record;
    }

  private:
    static constexpr std::array<std::string_view, 3> kProfiles{"", "staff", "guest"};
    static constexpr std::array<std::string_view, 4> kAddresses{"", "192.0.2.1", "192.0.2.2",
                                                                "2001:db8::1"};

    std::uint32_t pick(std::uint32_t count) {
        return static_cast<std::uint32_t>(random_()) % count;
    }

    std::mt19937 random_{7};
};

bool are_same(const GrantRecord &one, const GrantRecord &other) {
    return std::memcmp(&one, &other, sizeof(one)) == 0;
}

constexpr int kRounds = 200'000;

TEST(GrantMerge, IsCommutativeAssociativeAndIdempotent) {
    Grants grants;
    for (int round = 0; round < kRounds; ++round) {
        const GrantRecord a = grants.next();
        const GrantRecord b = grants.next();
        const GrantRecord c = grants.next();
        ASSERT_TRUE(are_same(merge(a, b), merge(b, a)));
        ASSERT_TRUE(are_same(merge(merge(a, b), c), merge(a, merge(b, c))));
        ASSERT_TRUE(are_same(merge(a, a), a));
        ASSERT_TRUE(are_same(merge(merge(a, b), b), merge(a, b)));
    }
}

TEST(GrantMerge, LosesNothingThatRestricts) {
    Grants grants;
    for (int round = 0; round < kRounds; ++round) {
        const GrantRecord a = grants.next();
        const GrantRecord b = grants.next();
        const GrantRecord merged = merge(a, b);
        ASSERT_GE(merged.header.expires, a.header.expires);
        if (merged.has(GrantRecord::kContradictory)) {
            ASSERT_TRUE(merged.has(GrantRecord::kForgotten));
            ASSERT_EQ(merged.app().size() + merged.user().size() + merged.profile().size(), 0U);
            continue;
        }
        for (const std::uint8_t flag :
             {GrantRecord::kForgotten, GrantRecord::kRefreshed, GrantRecord::kProfileClaimed}) {
            ASSERT_EQ(merged.has(flag), a.has(flag) || b.has(flag));
        }
        ASSERT_EQ(merged.outlives_logout(), a.outlives_logout() || b.outlives_logout());
        ASSERT_TRUE(a.user().empty() || a.user() == merged.user());
        ASSERT_TRUE(a.app().empty() || a.app() == merged.app());
        ASSERT_TRUE(a.has(GrantRecord::kDeviceTagged) || !merged.has(GrantRecord::kDeviceTagged));
    }
}

// Whatever a decision asks of what a grant says of its device and its life: of two that name the
// same user, app and profile the merged one is allowed only where one of them is.
TEST(GrantMerge, NeverMakesADenyAnAllow) {
    Grants grants;
    int allowed = 0;
    for (int round = 0; round < kRounds; ++round) {
        const GrantRecord a = grants.next();
        const GrantRecord b = grants.next();
        const GrantRecord merged = merge(a, b);
        const bool are_same_names =
            a.app() == b.app() && a.user() == b.user() && a.profile() == b.profile();
        for (unsigned rule = 0; are_same_names && rule < 16; ++rule) {
            const auto allows = [rule](const GrantRecord &grant) {
                const bool is_activated =
                    grant.has(GrantRecord::kDeviceActivated) ||
                    ((rule & 1) != 0 && grant.has(GrantRecord::kDeviceTagged) &&
                     grant.device_tag[0] == 1);
                return !grant.has(GrantRecord::kForgotten) && ((rule & 2) != 0 || is_activated) &&
                       ((rule & 4) != 0 || !grant.has(GrantRecord::kRefreshed)) &&
                       ((rule & 8) != 0 || grant.flow() == 2);
            };
            allowed += allows(merged) ? 1 : 0;
            ASSERT_TRUE(!allows(merged) || allows(a) || allows(b));
        }
    }
    EXPECT_GT(allowed, 1000);
}

// J07: what was verified before the user was known is not what was verified of him.
TEST(GrantMerge, ActivatesOnlyForTheUserOfWhomItWasVerified) {
    GrantRecord nameless = grant("web", "");
    nameless.set(GrantRecord::kDeviceActivated, true);
    GrantRecord named = grant("web", "alice");
    EXPECT_FALSE(merge(nameless, named).has(GrantRecord::kDeviceActivated));
    named.set(GrantRecord::kDeviceActivated, true);
    EXPECT_TRUE(merge(nameless, named).has(GrantRecord::kDeviceActivated));
    EXPECT_TRUE(merge(grant("web", "alice"), named).has(GrantRecord::kDeviceActivated));
}

TEST(GrantMerge, TakesTheProfileOfHimWhoToldLast) {
    GrantRecord before = grant("web", "alice");
    before.set(GrantRecord::kProfileClaimed, true);
    EXPECT_TRUE(before.set_names("web", "alice", "staff"));
    before.issued = 10;
    GrantRecord after = before;
    EXPECT_TRUE(after.set_names("web", "alice", "guest"));
    after.issued = 11;
    EXPECT_EQ(merge(before, after).profile(), "guest");
    EXPECT_EQ(merge(after, before).profile(), "guest");
}

TEST(GrantMerge, BelievesNothingOfAContradiction) {
    const GrantRecord contradiction = merge(grant("web", "alice"), grant("web", "bob"));
    EXPECT_TRUE(contradiction.has(GrantRecord::kContradictory));
    EXPECT_TRUE(contradiction.has(GrantRecord::kForgotten));
    EXPECT_TRUE(merge(contradiction, grant("web", "alice")).has(GrantRecord::kContradictory));
    EXPECT_TRUE(merge(grant("web", ""), grant("app", "")).has(GrantRecord::kContradictory));
    EXPECT_TRUE(merge(grant("a", "b", 1), grant("a", "b", 2)).has(GrantRecord::kContradictory));
    const GrantRecord long_app = grant(std::string(100, 'a'), "");
    const GrantRecord long_user = grant("", std::string(100, 'u'));
    EXPECT_TRUE(merge(long_app, long_user).has(GrantRecord::kContradictory));
}

// A session that received such a grant is lost, and not one without it.
TEST(GrantMerge, AContradictionLosesItsSession) {
    ZoneMemory zone_memory;
    Memory memory = Memory::on(zone_memory.make_zone()).value();
    const GrantRecord contradiction = merge(grant("web", "alice"), grant("web", "bob"));
    memory.remember_grant(digest_of(1), contradiction, 100, Standing::learned, 5000);
    memory.bind_session(digest_of(2), digest_of(1), 1, 100, 5000);
    SessionMemory session;
    memory.recall_session(digest_of(2), 5000, session);
    EXPECT_EQ(session.state, SessionMemory::State::lost);
}

TEST(GrantMerge, SaysWhenACopyWouldDecideOtherwise) {
    const GrantRecord before = grant("web", "alice");
    EXPECT_FALSE(decides_otherwise(before, before));
    GrantRecord longer = before;
    longer.header.expires += 1000;
    longer.set_address(Address::parse("192.0.2.1"));
    EXPECT_FALSE(decides_otherwise(before, longer));
    for (const std::uint8_t flag : {GrantRecord::kForgotten, GrantRecord::kRefreshed,
                                    GrantRecord::kDeviceActivated, GrantRecord::kProfileClaimed}) {
        GrantRecord after = before;
        after.set(flag, true);
        EXPECT_TRUE(decides_otherwise(before, after));
    }
    EXPECT_TRUE(decides_otherwise(grant("web", ""), before));
}

}  // namespace
}  // namespace ipfence::grant_merge_test
