#include "engine/memory/trust.hpp"

#include <gtest/gtest.h>

namespace ipfence::trust_test {
namespace {

constexpr Seconds kNow = 5000;

class TrustTest : public testing::Test {
  protected:
    TrustState state_;
    Trust trust_{state_};
};

TEST_F(TrustTest, OfACopyHoldsInItsEpochUntilTheLeaseEnds) {
    const std::uint32_t epoch = trust_.epoch();
    EXPECT_FALSE(trust_.holds(epoch, kNow)) << "nobody has renewed it";
    EXPECT_FALSE(trust_.holds(kNow));
    trust_.renew(kNow + 1);
    EXPECT_TRUE(trust_.holds(epoch, kNow));
    EXPECT_TRUE(trust_.holds(kNow));
    EXPECT_FALSE(trust_.holds(epoch, kNow + 1));
    EXPECT_FALSE(trust_.holds(kNow + 1));
    EXPECT_FALSE(trust_.holds(epoch + 1, kNow));
    EXPECT_FALSE(trust_.holds(Trust::kNoEpoch, kNow));
}

TEST_F(TrustTest, EndsWithTheEpochAndTheLease) {
    const std::uint32_t epoch = trust_.epoch();
    trust_.renew(kNow + 1);
    trust_.end_epoch();
    EXPECT_NE(trust_.epoch(), epoch);
    EXPECT_FALSE(trust_.holds(trust_.epoch(), kNow));
    trust_.renew(kNow + 1);
    EXPECT_TRUE(trust_.holds(trust_.epoch(), kNow));
    EXPECT_FALSE(trust_.holds(epoch, kNow));
}

TEST_F(TrustTest, AnEpochIsNeverThatOfNoCopy) {
    state_.epoch = UINT32_MAX;
    trust_.end_epoch();
    EXPECT_EQ(trust_.epoch(), 1U);
    trust_.end_epoch();
    EXPECT_EQ(trust_.epoch(), 2U);
}

TEST_F(TrustTest, CountsTheChangesOfAKey) {
    const Digest one{{1, 1}};
    const Digest other{{2, 1}};
    trust_.note_change_of(one);
    trust_.note_change_of(one);
    EXPECT_EQ(trust_.changes_of(one), 2U);
    EXPECT_EQ(trust_.changes_of(other), 0U);
}

}  // namespace
}  // namespace ipfence::trust_test
