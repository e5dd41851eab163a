#pragma once

#include <pthread.h>

namespace ipfence {

/// A lock in memory that several processes share. When its owner is killed the kernel tells the
/// next one (a robust mutex), and the lock goes on: the table itself finds what was left half
/// written. Placed by `initialize` into memory that the caller owns.
class SharedLock {
  public:
    /// Prepares the lock; once, before any other process can see it. False when the system has no
    /// robust mutexes.
    bool initialize() noexcept;

    /// False when the lock cannot be had at all, which a healthy system never says.
    [[nodiscard]] bool lock() noexcept;
    /// The same, but false also when somebody has it.
    [[nodiscard]] bool try_lock() noexcept;
    void unlock() noexcept;

  private:
    bool is_taken(int error) noexcept;

    pthread_mutex_t mutex_;
};

/// Holds a lock for a scope, if it can be had.
class SharedLockGuard {
  public:
    explicit SharedLockGuard(SharedLock &lock) noexcept : lock_(lock.lock() ? &lock : nullptr) {}
    SharedLockGuard(const SharedLockGuard &) = delete;
    SharedLockGuard &operator=(const SharedLockGuard &) = delete;
    ~SharedLockGuard() {
        if (lock_ != nullptr) {
            lock_->unlock();
        }
    }
    explicit operator bool() const noexcept { return lock_ != nullptr; }

  private:
    SharedLock *lock_;
};

}  // namespace ipfence
