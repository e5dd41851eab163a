#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/decision/reason.hpp"
#include "engine/memory/shared_lock.hpp"
#include "engine/status/most_denied.hpp"
#include "engine/status/short_text.hpp"

namespace ipfence {

/// What came of a request, as `$ipfence_decision` says it.
enum class CountedDecision : std::uint8_t { allow, deny, would_deny };

inline constexpr std::size_t kCountedDecisions = 3;
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::internal_error) + 1;

std::string_view name_of(CountedDecision decision) noexcept;

/// A denial as people want to read of it. Nothing in it is a credential.
struct Denial {
    std::int64_t time = 0;  ///< seconds since 1970
    bool enforced = true;
    bool refreshed = false;
    bool device_activated = false;
    Reason reason = Reason::internal_error;
    ShortText<40> request_id;
    ShortText<32> kind;
    ShortText<32> operation;
    ShortText<32> flow;
    ShortText<40> ip;
    ShortText<MostDenied::kNameCapacity> app;
    ShortText<MostDenied::kNameCapacity> user;
    ShortText<64> profile;
    ShortText<64> claimed_profile;
    ShortText<120> rule;
};

/// Counts and the last denials, in memory that all workers share. Counting takes one addition
/// without a lock; only a denial takes the lock, for as long as it is copied.
class StatusBoard {
  public:
    static constexpr std::size_t kKinds = 12;
    static constexpr std::size_t kRecentDenials = 50;

    /// How much memory it takes.
    static std::size_t size() noexcept;

    /// Lays out a board in memory that is all zero, before anybody else sees it; null where the
    /// system has no robust mutexes or the memory is too small.
    static StatusBoard *create(std::span<std::byte> memory) noexcept;

    /// Takes up a board that `create` laid out, perhaps in another process; null where there is
    /// none of this format.
    static StatusBoard *attach(std::span<std::byte> memory) noexcept;

    /// Counts one. `worker` and `kind` are any numbers; equal workers share a cache line.
    void count(std::size_t worker, std::size_t kind, CountedDecision decision,
               Reason reason) noexcept;
    /// Counts a request that the candidate policy decides so, and the one in force otherwise.
    void count_flip(std::size_t worker, Outcome candidate) noexcept;
    /// Keeps one among the last, and counts its app and user.
    void add_denial(const Denial &denial) noexcept;
    /// Counts lines that the audit log lacks.
    void count_lost_audit_lines(std::size_t worker, std::uint64_t lines) noexcept;

    /// What has come at least once, and how often.
    struct DecisionCount {
        std::size_t kind = 0;
        CountedDecision decision{};
        Reason reason{};
        std::uint64_t count = 0;
    };
    std::vector<DecisionCount> decisions() const;

    /// Requests of which the candidate policy decides this, and the one in force the other.
    std::uint64_t flips(Outcome candidate) const noexcept;
    std::uint64_t lost_audit_lines() const noexcept;

    /// A copy of what the lock protects; the last denial first.
    struct Denials {
        std::vector<Denial> recent;
        std::vector<MostDenied::Entry> apps;   ///< most first
        std::vector<MostDenied::Entry> users;  ///< most first
    };
    Denials denials();

  private:
    std::uint64_t decisions(std::size_t kind, std::size_t decision,
                            std::size_t reason) const noexcept;

    static constexpr std::size_t kShards = 16;
    static constexpr std::uint64_t kFormat = 0x69706665'53000004;

    using Counter = std::atomic<std::uint64_t>;
    struct alignas(64) Shard {
        std::array<std::array<std::array<Counter, kReasons>, kCountedDecisions>, kKinds> decisions;
        std::array<Counter, 2> flips;
        Counter lost_audit_lines;
    };

    StatusBoard() = default;

    std::uint64_t format_ = 0;
    std::array<Shard, kShards> shards_{};
    SharedLock lock_{};  // of all that follows
    std::uint64_t denials_ = 0;
    std::array<Denial, kRecentDenials> recent_{};
    MostDenied apps_;
    MostDenied users_;
};

}  // namespace ipfence
