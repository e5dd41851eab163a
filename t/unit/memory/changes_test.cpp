// What others are to be told of what a memory did.

#include "engine/memory/changes.hpp"

#include <gtest/gtest.h>

#include "t/unit/memory/zone_memory.hpp"

namespace ipfence::changes_test {
namespace {

constexpr Seconds kNow = 5000;
constexpr Seconds kLifetime = 1000;
const Digest kGrant = digest_of(1);
const Digest kToken = digest_of(10);
const Digest kCode = digest_of(11);

class ChangesTest : public testing::Test {
  protected:
    void remember_grant() {
        memory_.remember_grant(kGrant, grant("web", "alice"), kLifetime, Standing::learned, kNow);
    }
    void remember(const Digest &key, CredentialKind kind) {
        memory_.remember({.kind = kind, .key = key, .grant = kGrant, .lifetime = kLifetime}, 1,
                         kNow);
    }
    template <class Change>
    void change_grant(Seconds lifetime, Change &&change) {
        EXPECT_TRUE(memory_.change_grant(kGrant, lifetime, kNow, change));
    }

    ZoneMemory zone_memory_;
    Memory memory_ = Memory::on(zone_memory_.make_zone()).value();
    Changes changes_;
};

TEST_F(ChangesTest, AreCollectedInTheirScopeAlone) {
    remember_grant();
    { const ChangesScope scope(memory_, changes_); }
    remember_grant();
    remember(kToken, CredentialKind::access_token);
    memory_.shorten(kToken, 1, kNow);
    memory_.forget(kToken);
    memory_.revoke_unknown(kToken);
    memory_.forget_grant(kGrant, kNow);
    EXPECT_TRUE(changes_.empty());
    EXPECT_TRUE(changes_.is_complete());
}

TEST_F(ChangesTest, OfWhateverKindAreToBeTold) {
    const auto is_told = [&](auto &&change) {
        Changes changes;
        change(changes);
        return !changes.empty();
    };
    EXPECT_TRUE(is_told([](Changes &changes) { changes.add_grant({}, false); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.add_credential({}); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.add_bound({}); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.add_unbound({}); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.forget_grant({}); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.forget_session({}); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.forget_credential({}, false); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.forget_credential({}, true); }));
    EXPECT_TRUE(is_told([](Changes &changes) { changes.revoke_credential({}); }));
}

TEST_F(ChangesTest, SayTheLastStateOfAGrantOnce) {
    const ChangesScope scope(memory_, changes_);
    remember_grant();
    change_grant(0, [](GrantRecord &record) { record.set_flow(3); });
    ASSERT_EQ(changes_.grants().size(), 1U);
    EXPECT_EQ(changes_.grants()[0].record.flow(), 3);
    EXPECT_FALSE(changes_.grants()[0].is_only_longer);
    memory_.remember_grant(digest_of(2), grant("web", "bob"), kLifetime, Standing::learned, kNow);
    EXPECT_EQ(changes_.grants().size(), 2U);
}

TEST_F(ChangesTest, SayWhetherAGrantOnlyLivesLonger) {
    remember_grant();
    const ChangesScope scope(memory_, changes_);
    change_grant(0, [](GrantRecord &) {});
    EXPECT_TRUE(changes_.grants().empty()) << "nothing has changed";
    change_grant(2 * kLifetime, [](GrantRecord &) {});
    ASSERT_EQ(changes_.grants().size(), 1U);
    EXPECT_TRUE(changes_.grants()[0].is_only_longer);
    change_grant(0, [](GrantRecord &record) { record.set_flow(3); });
    EXPECT_FALSE(changes_.grants()[0].is_only_longer);
    change_grant(3 * kLifetime, [](GrantRecord &) {});
    ASSERT_EQ(changes_.grants().size(), 1U);
    EXPECT_FALSE(changes_.grants()[0].is_only_longer) << "it did more before";
}

TEST_F(ChangesTest, SayTheLastStateOfACredentialOnce) {
    const ChangesScope scope(memory_, changes_);
    remember(kToken, CredentialKind::refresh_token);
    remember(kCode, CredentialKind::code);
    memory_.shorten(kToken, 5, kNow);
    ASSERT_EQ(changes_.credentials().size(), 2U);
    EXPECT_EQ(changes_.credentials()[1].header.key, kToken);
    EXPECT_EQ(changes_.credentials()[1].header.expires, kNow + 5);
}

TEST_F(ChangesTest, SayWhatIsForgotten) {
    const ChangesScope scope(memory_, changes_);
    remember(kToken, CredentialKind::access_token);
    remember(kCode, CredentialKind::code);
    memory_.forget(kToken);
    ASSERT_EQ(changes_.credentials().size(), 1U) << "it need not be stored any more";
    EXPECT_EQ(changes_.credentials()[0].header.key, kCode);
    memory_.forget(kCode);
    EXPECT_TRUE(changes_.credentials().empty());
    memory_.forget(digest_of(12));
    memory_.revoke_unknown(digest_of(13));
    memory_.forget_grant(kGrant, kNow);
    ASSERT_EQ(changes_.redeemed_codes().size(), 1U);
    EXPECT_EQ(changes_.redeemed_codes()[0], kCode);
    ASSERT_EQ(changes_.forgotten_credentials().size(), 2U);
    EXPECT_EQ(changes_.forgotten_credentials()[0], kToken);
    EXPECT_EQ(changes_.forgotten_credentials()[1], digest_of(12)) << "nobody knows of what kind";
    ASSERT_EQ(changes_.revoked_credentials().size(), 1U);
    EXPECT_EQ(changes_.revoked_credentials()[0], digest_of(13));
    ASSERT_EQ(changes_.forgotten_grants().size(), 1U);
    EXPECT_EQ(changes_.forgotten_grants()[0], kGrant);
}

// A copy that is read from a store meanwhile must not be trusted.
TEST_F(ChangesTest, AreNotedWhereSomethingIsForgotten) {
    const auto times_changed = [&](const Digest &key) {
        return memory_.zone().trust().changes_of(key);
    };
    memory_.forget(kToken);
    EXPECT_EQ(times_changed(kToken), 1U);
    memory_.revoke_unknown(kToken);
    EXPECT_EQ(times_changed(kToken), 2U);
    memory_.forget_grant(kGrant, kNow);
    EXPECT_EQ(times_changed(kGrant), 1U);
}

}  // namespace
}  // namespace ipfence::changes_test
