#include "engine/status/board.hpp"

#include <algorithm>
#include <new>

namespace ipfence {

namespace {

std::vector<MostDenied::Entry> most_first(const MostDenied &names) {
    std::vector<MostDenied::Entry> entries;
    std::ranges::copy_if(names.entries(), std::back_inserter(entries),
                         [](const MostDenied::Entry &entry) { return entry.count > 0; });
    std::ranges::stable_sort(entries, std::ranges::greater{}, &MostDenied::Entry::count);
    return entries;
}

}  // namespace

std::string_view name_of(CountedDecision decision) noexcept {
    constexpr std::array<std::string_view, kCountedDecisions> kNames{"allow", "deny", "would_deny"};
    return kNames[static_cast<std::size_t>(decision)];
}

std::size_t StatusBoard::size() noexcept {
    return sizeof(StatusBoard);
}

StatusBoard *StatusBoard::create(std::span<std::byte> memory) noexcept {
    if (memory.size() < sizeof(StatusBoard)) {
        return nullptr;
    }
    auto *board = new (memory.data()) StatusBoard;
    if (!board->lock_.initialize()) {
        return nullptr;
    }
    board->format_ = kFormat;
    return board;
}

StatusBoard *StatusBoard::attach(std::span<std::byte> memory) noexcept {
    if (memory.size() < sizeof(StatusBoard)) {
        return nullptr;
    }
    auto *board = std::launder(reinterpret_cast<StatusBoard *>(memory.data()));
    return board->format_ == kFormat ? board : nullptr;
}

void StatusBoard::count(std::size_t worker, std::size_t kind, CountedDecision decision,
                        Reason reason) noexcept {
    shards_[worker % kShards]
        .decisions[kind % kKinds][static_cast<std::size_t>(decision)]
                  [static_cast<std::size_t>(reason)]
        .fetch_add(1, std::memory_order_relaxed);
}

void StatusBoard::count_flip(std::size_t worker, Outcome candidate) noexcept {
    shards_[worker % kShards].flips[static_cast<std::size_t>(candidate)].fetch_add(
        1, std::memory_order_relaxed);
}

void StatusBoard::add_denial(const Denial &denial) noexcept {
    const SharedLockGuard guard(lock_);
    if (!guard) {
        return;
    }
    recent_[denials_++ % kRecentDenials] = denial;
    apps_.add(denial.app.view());
    users_.add(denial.user.view());
}

std::vector<StatusBoard::DecisionCount> StatusBoard::decisions() const {
    std::vector<DecisionCount> counts;
    for (std::size_t index = 0; index < kKinds * kCountedDecisions * kReasons; ++index) {
        const std::size_t reason = index % kReasons;
        const std::size_t decision = index / kReasons % kCountedDecisions;
        const std::size_t kind = index / kReasons / kCountedDecisions;
        if (const std::uint64_t count = decisions(kind, decision, reason); count > 0) {
            counts.push_back(
                {kind, static_cast<CountedDecision>(decision), static_cast<Reason>(reason), count});
        }
    }
    return counts;
}

std::uint64_t StatusBoard::decisions(std::size_t kind, std::size_t decision,
                                     std::size_t reason) const noexcept {
    std::uint64_t sum = 0;
    for (const Shard &shard : shards_) {
        sum += shard.decisions[kind][decision][reason].load(std::memory_order_relaxed);
    }
    return sum;
}

std::uint64_t StatusBoard::flips(Outcome candidate) const noexcept {
    std::uint64_t sum = 0;
    for (const Shard &shard : shards_) {
        sum += shard.flips[static_cast<std::size_t>(candidate)].load(std::memory_order_relaxed);
    }
    return sum;
}

void StatusBoard::count_lost_audit_lines(std::size_t worker, std::uint64_t lines) noexcept {
    shards_[worker % kShards].lost_audit_lines.fetch_add(lines, std::memory_order_relaxed);
}

std::uint64_t StatusBoard::lost_audit_lines() const noexcept {
    std::uint64_t sum = 0;
    for (const Shard &shard : shards_) {
        sum += shard.lost_audit_lines.load(std::memory_order_relaxed);
    }
    return sum;
}

StatusBoard::Denials StatusBoard::denials() {
    Denials denials;
    const SharedLockGuard guard(lock_);
    if (!guard) {
        return denials;
    }
    const std::size_t count = std::min<std::uint64_t>(denials_, kRecentDenials);
    for (std::size_t index = 1; index <= count; ++index) {
        denials.recent.push_back(recent_[(denials_ - index) % kRecentDenials]);
    }
    denials.apps = most_first(apps_);
    denials.users = most_first(users_);
    return denials;
}

}  // namespace ipfence
