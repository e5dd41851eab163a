#pragma once

#include <atomic>
#include <cstdint>

#include "engine/memory/shared_lock.hpp"

namespace ipfence::module {

/// What one worker uses of what it shares with others, in memory that all of them map. A worker has
/// the mark that nobody had, whatever its number: two of the same number live at the same time
/// where a new binary is given up, and the old master begins workers while those before them still
/// end. Of a worker that was killed the kernel says so, and what it used it uses no more.
class WorkerMark {
  public:
    /// Once, before any other process can see it; false when the system has no robust mutexes.
    bool initialize() noexcept { return owner_.initialize(); }

    /// Makes it this worker's, unless it is another's that lives.
    bool take() noexcept {
        if (!owner_.try_lock()) {
            return false;
        }
        used_ = 0;
        return true;
    }
    /// Ends that, in the same thread.
    void give_back() noexcept {
        used_ = 0;
        owner_.unlock();
    }

    /// What this worker uses, a bit each.
    void add(std::uint32_t bits) noexcept { used_ |= bits; }
    void remove(std::uint32_t bits) noexcept { used_ &= ~bits; }
    std::uint32_t used() const noexcept { return used_; }

    /// Whether a worker that lives uses any of these. For whoever it is not, or another thread.
    bool has(std::uint32_t bits) noexcept {
        if ((used_ & bits) == 0) {
            return false;
        }
        if (take()) {
            give_back();
            return false;
        }
        return true;
    }

  private:
    SharedLock owner_;  // held as long as the worker lives
    std::atomic<std::uint32_t> used_{0};
};

}  // namespace ipfence::module
