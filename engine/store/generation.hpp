#pragma once

#include <cstdint>
#include <optional>

namespace ipfence {

/// Notices that a subscriber has missed an event. Every event has the next number of a counter in
/// the store, and arrives in that order on one subscription; the counter itself is read beside it
/// (on another connection, so it may be ahead of the events or behind them), about once a second.
///
///   1. `subscribed` when the server confirms the subscription, and after every gap;
///   2. the counter is read: `counter_asked` when it is sent for, `counter_read` when it is there.
///      From the first one on the tracker follows, and copies that are read from then on may be
///      trusted;
///   3. `event_arrived` for each event, which is acted on whatever is said of it.
///
/// Whoever gets Gap::yes must not trust any copy until the tracker follows again.
class GenerationTracker {
  public:
    enum class Gap : bool { no, yes };

    /// Nothing before this is known to have arrived.
    void subscribed() noexcept;

    /// The subscription has ended.
    void unsubscribed() noexcept;

    /// Whether no event was missed since the counter was first read.
    bool is_following() const noexcept { return state_ == State::following; }

    /// Yes for one that repeats, goes back, or leaves any out.
    [[nodiscard]] Gap event_arrived(std::uint64_t generation) noexcept;

    /// A command for the counter is sent now. One at a time.
    void counter_asked() noexcept;

    /// What it answered: 0 where there is no counter. Yes when the counter went back, or when an
    /// event has not arrived that was there a check ago. After no the tracker follows.
    [[nodiscard]] Gap counter_read(std::uint64_t generation) noexcept;

  private:
    enum class State : std::uint8_t { unsubscribed, subscribed, following };

    Gap lose() noexcept;

    State state_ = State::unsubscribed;
    bool is_asked_ = false;
    std::optional<std::uint64_t> last_event_;  // on this subscription
    std::uint64_t follows_from_ = 0;           // the counter when it began to follow
    std::uint64_t known_when_asked_ = 0;
    std::uint64_t due_ = 0;  // what must have arrived by the next check
};

}  // namespace ipfence
