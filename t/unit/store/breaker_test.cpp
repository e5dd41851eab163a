#include "engine/store/breaker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ipfence::breaker_test {
namespace {

constexpr Milliseconds kNow = 10'000;
using State = Breaker::State;

Breaker opened(Milliseconds now) {
    Breaker breaker;
    for (unsigned count = 0; count < Breaker::kMaxFailures; ++count) {
        breaker.failed(now);
    }
    return breaker;
}

TEST(Breaker, OpensAfterFailuresInARow) {
    Breaker breaker;
    for (unsigned count = 1; count < Breaker::kMaxFailures; ++count) {
        breaker.failed(kNow);
        EXPECT_TRUE(breaker.may_ask(kNow)) << count;
    }
    breaker.failed(kNow);
    EXPECT_EQ(breaker.state(), State::open);
    EXPECT_FALSE(breaker.may_ask(kNow));
}

TEST(Breaker, AnAnswerBetweenFailuresKeepsItClosed) {
    Breaker breaker;
    for (unsigned count = 0; count < 10 * Breaker::kMaxFailures; ++count) {
        breaker.failed(kNow + count * Breaker::kMaxSilence);
        breaker.succeeded();
    }
    EXPECT_EQ(breaker.state(), State::closed);
}

TEST(Breaker, OpensWhenNothingButFailuresCameForLong) {
    Breaker breaker;
    breaker.failed(kNow);
    breaker.failed(kNow + Breaker::kMaxSilence - 1);
    EXPECT_EQ(breaker.state(), State::closed);
    breaker.failed(kNow + Breaker::kMaxSilence);
    EXPECT_EQ(breaker.state(), State::open);
}

TEST(Breaker, LetsOneTrialThrough) {
    Breaker breaker = opened(kNow);
    EXPECT_FALSE(breaker.may_ask(kNow + Breaker::kFirstPause - 1));
    EXPECT_TRUE(breaker.may_ask(kNow + Breaker::kFirstPause));
    EXPECT_EQ(breaker.state(), State::half_open);
    EXPECT_FALSE(breaker.may_ask(kNow + Breaker::kFirstPause));
    breaker.succeeded();
    EXPECT_EQ(breaker.state(), State::closed);
    EXPECT_TRUE(breaker.may_ask(kNow + Breaker::kFirstPause));
}

TEST(Breaker, ATrialThatNobodyReportsOnIsFollowedByAnother) {
    Breaker breaker = opened(kNow);
    const Milliseconds trial = kNow + Breaker::kFirstPause;
    EXPECT_TRUE(breaker.may_ask(trial));
    EXPECT_FALSE(breaker.may_ask(trial + Breaker::kTrial - 1));
    EXPECT_TRUE(breaker.may_ask(trial + Breaker::kTrial));
}

TEST(Breaker, PausesLongerWithEachTrialThatFailsAndForgetsThatWithAnAnswer) {
    Breaker breaker = opened(kNow);
    Milliseconds now = kNow;
    for (Milliseconds pause = Breaker::kFirstPause; pause < 4 * Breaker::kLongestPause;
         pause *= 2) {
        now += std::min(pause, Breaker::kLongestPause);
        EXPECT_FALSE(breaker.may_ask(now - 1));
        EXPECT_TRUE(breaker.may_ask(now));
        breaker.failed(now);
        EXPECT_EQ(breaker.state(), State::open);
    }
    EXPECT_TRUE(breaker.may_ask(now + Breaker::kLongestPause));
    breaker.succeeded();
    for (unsigned count = 0; count < Breaker::kMaxFailures; ++count) {
        breaker.failed(now);
    }
    EXPECT_TRUE(breaker.may_ask(now + Breaker::kFirstPause));
}

// A store that is back is used again within five seconds, whenever it comes back.
TEST(Breaker, ClosesSoonAfterRecovery) {
    for (Milliseconds recovery = kNow; recovery < kNow + 20'000; recovery += 50) {
        Breaker breaker = opened(kNow);
        Milliseconds now = kNow;
        for (; breaker.state() != State::closed && now < recovery + 5000; now += 10) {
            if (breaker.may_ask(now)) {
                now >= recovery ? breaker.succeeded() : breaker.failed(now);
            }
        }
        EXPECT_EQ(breaker.state(), State::closed) << recovery;
    }
}

}  // namespace
}  // namespace ipfence::breaker_test
