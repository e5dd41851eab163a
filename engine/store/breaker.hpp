#pragma once

#include <cstdint>

namespace ipfence {

/// Milliseconds of the clock that never steps.
using Milliseconds = std::uint64_t;

/// Stops asking a store that does not answer, so that requests do not spend their time on it, and
/// finds out by single trials when it does again. Time comes in as an argument.
///
///   closed     everybody may ask; opens after kMaxFailures in a row, or when for kMaxSilence
///              nothing but failures came
///   open       nobody may ask until the pause is over: kFirstPause, doubled up to kLongestPause
///   half open  one trial at a time; its success closes the breaker, its failure opens it again
class Breaker {
  public:
    static constexpr unsigned kMaxFailures = 5;
    static constexpr Milliseconds kMaxSilence = 1000;
    static constexpr Milliseconds kFirstPause = 250;
    static constexpr Milliseconds kLongestPause = 2000;
    /// A trial that nobody reports on is over after this time.
    static constexpr Milliseconds kTrial = 1000;

    enum class State : std::uint8_t { closed, open, half_open };

    State state() const noexcept { return state_; }

    /// Whether the store may be asked now; in half open, this takes the trial.
    bool may_ask(Milliseconds now) noexcept;

    /// The store answered a command.
    void succeeded() noexcept;

    /// The store did not answer in time, or its connection failed.
    void failed(Milliseconds now) noexcept;

  private:
    void open(Milliseconds now) noexcept;

    State state_ = State::closed;
    unsigned failures_ = 0;
    Milliseconds first_failure_ = 0;
    Milliseconds pause_ = 0;
    Milliseconds next_trial_ = 0;
};

}  // namespace ipfence
