#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/memory/shared_lock.hpp"

namespace ipfence::module {

/// Lines that wait to be written, of one worker, in memory that its successor shares: a worker that
/// is killed loses none. Whatever instruction it is killed at, what is here is whole lines.
class AuditBuffer {
  public:
    /// Its size with room for `capacity` bytes of lines.
    static constexpr std::size_t size_for(std::size_t capacity) noexcept {
        constexpr std::size_t kLine = 64;  // of the cache: two workers share none
        return (sizeof(AuditBuffer) + capacity + kLine - 1) / kLine * kLine;
    }

    /// An empty one; what follows it, up to size_for(capacity), is its own.
    /// Nobody can take it where the system has no robust mutexes.
    explicit AuditBuffer(std::uint32_t capacity) noexcept : capacity_(capacity) {
        has_lock_ = owner_.initialize();
    }

    AuditBuffer(const AuditBuffer &) = delete;
    AuditBuffer &operator=(const AuditBuffer &) = delete;

    /// Makes it this worker's, unless it is another's that lives: where a new binary is given up,
    /// workers have the numbers of those that still end.
    bool take() noexcept { return has_lock_ && owner_.try_lock(); }
    /// Ends that, in the same thread.
    void give_back() noexcept { owner_.unlock(); }

    /// Adds a line. False: there is no room. This and all that follows is for its owner.
    bool append(std::string_view line) noexcept;

    /// Where the next line may be made, and how it is added then.
    std::span<char> room() noexcept {
        const Extent extent = extent_.load(std::memory_order_relaxed);
        return {storage() + extent.end, capacity_ - extent.end};
    }
    void add(std::size_t size) noexcept {
        const Extent extent = extent_.load(std::memory_order_relaxed);
        extent_.store({extent.begin, extent.end + static_cast<std::uint32_t>(size)},
                      std::memory_order_release);
    }

    /// What waits.
    std::string_view lines() const noexcept;

    /// Takes as many bytes away, from the front: whole lines.
    void remove(std::size_t count) noexcept;

  private:
    struct Extent {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };

    char *storage() noexcept { return reinterpret_cast<char *>(this + 1); }
    const char *storage() const noexcept { return reinterpret_cast<const char *>(this + 1); }

    static_assert(std::atomic<Extent>::is_always_lock_free);
    std::atomic<Extent> extent_{Extent{}};
    std::uint32_t capacity_;
    SharedLock owner_;  // held as long as the worker lives
    bool has_lock_;
};

}  // namespace ipfence::module
