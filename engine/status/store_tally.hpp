#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ipfence {

/// What is counted of the shared store.
enum class StoreCounter : std::uint8_t {
    // Requests that asked it, by what came of it.
    requests_hit,        ///< it knew all that was asked
    requests_miss,       ///< it answered, and something was unknown to it
    requests_timed_out,  ///< the request's budget was spent
    requests_failed,     ///< the connection was lost, or the answer was none of ours
    requests_refused,    ///< not asked: no connection, or the breaker was open
    // Answers and events whose records were written to it.
    writes_done,
    writes_timed_out,
    writes_failed,
    writes_refused,
    untold,         ///< changes that others had to be told of, and will not be
    events,         ///< what other nodes, or this one, said that they changed
    forged_events,  ///< messages that nobody with the key wrote
    gaps,           ///< how often events were missed
    subscriptions,
    connections,
    round_trips,
    round_trip_microseconds,  ///< of all of them together
};

/// Counts of the shared store, in memory that all workers of a node share. All zero is one that has
/// counted nothing.
class StoreTally {
  public:
    static constexpr std::size_t kCounters =
        static_cast<std::size_t>(StoreCounter::round_trip_microseconds) + 1;
    static constexpr std::size_t kWorkers = 256;

    /// How a worker stands with the store: the state of its breaker.
    enum class Standing : std::uint8_t { none, closed, half_open, open };
    static constexpr std::array<std::pair<const char *, Standing>, 3> kStandings{{
        {"closed", Standing::closed},
        {"half_open", Standing::half_open},
        {"open", Standing::open},
    }};

    /// What came of a request that asked the store, and of an answer that was written to it.
    static constexpr std::array<std::pair<const char *, StoreCounter>, 5> kRequestOutcomes{{
        {"hit", StoreCounter::requests_hit},
        {"miss", StoreCounter::requests_miss},
        {"timeout", StoreCounter::requests_timed_out},
        {"error", StoreCounter::requests_failed},
        {"refused", StoreCounter::requests_refused},
    }};
    static constexpr std::array<std::pair<const char *, StoreCounter>, 4> kWriteOutcomes{{
        {"done", StoreCounter::writes_done},
        {"timeout", StoreCounter::writes_timed_out},
        {"error", StoreCounter::writes_failed},
        {"refused", StoreCounter::writes_refused},
    }};

    /// Milliseconds after which a breaker is half open, though nobody has asked since.
    static constexpr std::uint64_t kLongestPause = 2000;

    void count(StoreCounter counter, std::uint64_t amount = 1) noexcept {
        counters_[static_cast<std::size_t>(counter)].fetch_add(amount, std::memory_order_relaxed);
    }
    std::uint64_t of(StoreCounter counter) const noexcept {
        return counters_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
    }

    /// Times are in milliseconds of the clock that never steps.
    void set_standing(std::size_t worker, Standing standing, std::uint64_t now) noexcept {
        noted_[worker % kWorkers].store(now, std::memory_order_relaxed);
        standings_[worker % kWorkers].store(standing, std::memory_order_relaxed);
    }
    /// Of the first `workers`: there may have been more before a reload.
    std::size_t workers_that_are(Standing standing, std::size_t workers,
                                 std::uint64_t now) const noexcept {
        std::size_t count = 0;
        for (std::size_t worker = 0; worker < workers && worker < kWorkers; ++worker) {
            count += standing_of(worker, now) == standing ? 1U : 0U;
        }
        return count;
    }

    void set_subscribed(bool subscribed) noexcept {
        subscribed_.store(subscribed, std::memory_order_relaxed);
    }
    bool is_subscribed() const noexcept { return subscribed_.load(std::memory_order_relaxed); }

  private:
    Standing standing_of(std::size_t worker, std::uint64_t now) const noexcept {
        const Standing noted = standings_[worker].load(std::memory_order_relaxed);
        const bool is_over = now > noted_[worker].load(std::memory_order_relaxed) + kLongestPause;
        return noted == Standing::open && is_over ? Standing::half_open : noted;
    }

    std::array<std::atomic<std::uint64_t>, kCounters> counters_{};
    std::array<std::atomic<Standing>, kWorkers> standings_{};
    std::atomic<bool> subscribed_{false};
    std::array<std::atomic<std::uint64_t>, kWorkers> noted_{};  // when each of the standings was
};

}  // namespace ipfence
