#include "engine/store/generation.hpp"

#include <algorithm>

namespace ipfence {

void GenerationTracker::subscribed() noexcept {
    *this = {};
    state_ = State::subscribed;
}

void GenerationTracker::unsubscribed() noexcept {
    *this = {};
}

// The same subscription goes on, but what it missed is gone.
GenerationTracker::Gap GenerationTracker::lose() noexcept {
    subscribed();
    return Gap::yes;
}

GenerationTracker::Gap GenerationTracker::event_arrived(std::uint64_t generation) noexcept {
    if (state_ == State::unsubscribed) {
        return Gap::yes;
    }
    const bool is_next = last_event_
                             ? generation == *last_event_ + 1
                             // Those up to the counter may have been sent before.
                             : state_ == State::subscribed || generation <= follows_from_ + 1;
    if (!is_next) {
        return lose();
    }
    last_event_ = generation;
    return Gap::no;
}

void GenerationTracker::counter_asked() noexcept {
    is_asked_ = true;
    known_when_asked_ = std::max(last_event_.value_or(0), follows_from_);
}

GenerationTracker::Gap GenerationTracker::counter_read(std::uint64_t generation) noexcept {
    if (state_ == State::unsubscribed || !is_asked_) {
        return Gap::yes;  // an answer from before the subscription
    }
    is_asked_ = false;
    if (generation < known_when_asked_) {
        return lose();
    }
    if (state_ == State::subscribed) {
        state_ = State::following;
        follows_from_ = std::max(generation, last_event_.value_or(0));
        due_ = 0;
        return Gap::no;
    }
    const std::uint64_t arrived = std::max(last_event_.value_or(0), follows_from_);
    if (arrived < due_) {
        return lose();
    }
    due_ = generation;
    return Gap::no;
}

}  // namespace ipfence
