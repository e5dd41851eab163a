#include "engine/store/breaker.hpp"

#include <algorithm>

namespace ipfence {

bool Breaker::may_ask(Milliseconds now) noexcept {
    if (state_ == State::closed) {
        return true;
    }
    if (now < next_trial_) {
        return false;
    }
    state_ = State::half_open;
    next_trial_ = now + kTrial;
    return true;
}

void Breaker::succeeded() noexcept {
    state_ = State::closed;
    failures_ = 0;
    pause_ = 0;
}

void Breaker::failed(Milliseconds now) noexcept {
    if (state_ == State::open) {
        return;  // a command from before it opened
    }
    if (state_ == State::half_open) {
        open(now);
        return;
    }
    first_failure_ = failures_ == 0 ? now : first_failure_;
    ++failures_;
    if (failures_ >= kMaxFailures || now - first_failure_ >= kMaxSilence) {
        open(now);
    }
}

void Breaker::open(Milliseconds now) noexcept {
    state_ = State::open;
    pause_ = pause_ == 0 ? kFirstPause : std::min(2 * pause_, kLongestPause);
    next_trial_ = now + pause_;
}

}  // namespace ipfence
