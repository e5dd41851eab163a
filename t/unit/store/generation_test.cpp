#include "engine/store/generation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ipfence::generation_test {
namespace {

using Gap = GenerationTracker::Gap;

GenerationTracker following(std::uint64_t generation) {
    GenerationTracker tracker;
    tracker.subscribed();
    tracker.counter_asked();
    EXPECT_EQ(tracker.counter_read(generation), Gap::no);
    return tracker;
}

Gap check(GenerationTracker &tracker, std::uint64_t generation) {
    tracker.counter_asked();
    return tracker.counter_read(generation);
}

TEST(GenerationTracker, FollowsOnceTheCounterWasReadOnASubscription) {
    GenerationTracker tracker;
    EXPECT_FALSE(tracker.is_following());
    tracker.counter_asked();
    EXPECT_EQ(tracker.counter_read(5), Gap::yes);  // nobody listens
    tracker.subscribed();
    EXPECT_FALSE(tracker.is_following());
    EXPECT_EQ(check(tracker, 5), Gap::no);
    EXPECT_TRUE(tracker.is_following());
    tracker.unsubscribed();
    EXPECT_FALSE(tracker.is_following());
    EXPECT_EQ(tracker.event_arrived(6), Gap::yes);
}

TEST(GenerationTracker, AnAnswerFromBeforeTheSubscriptionSaysNothing) {
    GenerationTracker tracker;
    tracker.subscribed();
    tracker.counter_asked();
    tracker.subscribed();
    EXPECT_EQ(tracker.counter_read(5), Gap::yes);
    EXPECT_FALSE(tracker.is_following());
}

TEST(GenerationTracker, AcceptsEventsInTheirOrder) {
    auto tracker = following(5);
    for (std::uint64_t event = 6; event < 100; ++event) {
        EXPECT_EQ(tracker.event_arrived(event), Gap::no);
        EXPECT_EQ(check(tracker, event), Gap::no);
    }
}

// On their own connection events may come before the answer of the counter that counted them, or
// after it.
TEST(GenerationTracker, AcceptsAnswersThatOvertakeEventsAndEventsThatOvertakeAnswers) {
    auto tracker = following(5);
    EXPECT_EQ(check(tracker, 7), Gap::no);
    EXPECT_EQ(tracker.event_arrived(6), Gap::no);
    EXPECT_EQ(tracker.event_arrived(7), Gap::no);
    tracker.counter_asked();
    EXPECT_EQ(tracker.event_arrived(8), Gap::no);
    EXPECT_EQ(tracker.event_arrived(9), Gap::no);
    EXPECT_EQ(tracker.counter_read(7), Gap::no);
    EXPECT_EQ(check(tracker, 9), Gap::no);

    auto late = following(10);
    for (std::uint64_t event = 8; event < 15; ++event) {
        EXPECT_EQ(late.event_arrived(event), Gap::no) << event;
    }
    GenerationTracker early;
    early.subscribed();
    early.counter_asked();
    EXPECT_EQ(early.event_arrived(11), Gap::no);
    EXPECT_EQ(early.event_arrived(12), Gap::no);
    EXPECT_EQ(early.counter_read(10), Gap::no);
    EXPECT_EQ(early.event_arrived(13), Gap::no);
}

// Every way in which five events may arrive, each lost, or once, or twice, in every order: nothing
// but the whole of them in their order goes unnoticed, at the latest by two checks.
TEST(GenerationTracker, NoticesEveryLossRepetitionAndReordering) {
    constexpr std::uint64_t kFirst = 6;
    constexpr std::uint64_t kEvents = 5;
    std::size_t patterns = 0;
    for (unsigned pattern = 0; pattern < 3 * 3 * 3 * 3 * 3; ++pattern) {
        std::vector<std::uint64_t> arriving;
        unsigned left = pattern;
        for (std::uint64_t event = 0; event < kEvents; ++event, left /= 3) {
            arriving.insert(arriving.end(), left % 3, kFirst + event);
        }
        if (arriving.size() > 6) {
            continue;
        }
        std::ranges::sort(arriving);
        do {
            ++patterns;
            auto tracker = following(kFirst - 1);
            bool is_noticed = false;
            for (const std::uint64_t event : arriving) {
                is_noticed |= tracker.event_arrived(event) == Gap::yes;
            }
            if (!is_noticed) {
                is_noticed |= check(tracker, kFirst + kEvents - 1) == Gap::yes;
                is_noticed |= check(tracker, kFirst + kEvents - 1) == Gap::yes;
            }
            const bool is_whole = arriving == std::vector<std::uint64_t>{6, 7, 8, 9, 10};
            EXPECT_EQ(is_noticed, !is_whole) << testing::PrintToString(arriving);
        } while (std::ranges::next_permutation(arriving).found);
    }
    EXPECT_GT(patterns, 10'000U);
}

TEST(GenerationTracker, NoticesACounterThatWentBack) {
    auto tracker = following(50);
    EXPECT_EQ(tracker.event_arrived(51), Gap::no);
    EXPECT_EQ(check(tracker, 0), Gap::yes);  // the store was emptied
    EXPECT_FALSE(tracker.is_following());
    EXPECT_EQ(check(tracker, 0), Gap::no);  // and goes on from there
    EXPECT_TRUE(tracker.is_following());
    EXPECT_EQ(tracker.event_arrived(1), Gap::no);
}

TEST(GenerationTracker, AfterAGapItFollowsOnlyOnceTheCounterIsReadAgain) {
    auto tracker = following(5);
    EXPECT_EQ(tracker.event_arrived(8), Gap::yes);
    EXPECT_FALSE(tracker.is_following());
    EXPECT_EQ(tracker.event_arrived(9), Gap::no);
    EXPECT_FALSE(tracker.is_following());
    EXPECT_EQ(check(tracker, 9), Gap::no);
    EXPECT_TRUE(tracker.is_following());
    EXPECT_EQ(tracker.event_arrived(11), Gap::yes);
}

}  // namespace
}  // namespace ipfence::generation_test
