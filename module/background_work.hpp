#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>

namespace ipfence::module {

/// Work that takes longer than a request may wait: it is done in a thread of its own. It must touch
/// nothing of nginx's, nor anything that the event loop uses meanwhile.
class BackgroundWork {
  public:
    /// What becomes of it where the system has no thread left: it is done here and now, and
    /// requests wait; or std::system_error is thrown.
    enum class WithoutThread : std::uint8_t { works_here, fails };

    /// Begins.
    explicit BackgroundWork(std::function<void()> work,
                            WithoutThread otherwise = WithoutThread::works_here);
    BackgroundWork(const BackgroundWork &) = delete;
    BackgroundWork &operator=(const BackgroundWork &) = delete;
    /// Waits for its end.
    ~BackgroundWork();

    bool is_done() const noexcept { return is_done_; }

    /// Whether it had to end for want of memory; only when it is done.
    bool lacks_memory() const noexcept { return lacks_memory_; }

  private:
    void run() noexcept;

    std::function<void()> work_;
    bool lacks_memory_ = false;
    std::atomic<bool> is_done_ = false;
    std::thread thread_;  // last: what it uses is there when it begins
};

/// How often a worker asks whether a reading has ended, in milliseconds.
inline constexpr unsigned kIntervalOfReading = 20;

/// Work that yields a value, for the event loop to take when it is done.
template <class Value>
class BackgroundReading {
  public:
    /// Begins.
    template <class Read>
    explicit BackgroundReading(Read read)
        : work_([this, read = std::move(read)] { value_ = read(); }) {}

    bool is_done() const noexcept { return work_.is_done(); }

    /// What was read, once it is done. Throws std::bad_alloc where there was no memory for it.
    Value take() {
        if (work_.lacks_memory()) {
            throw std::bad_alloc();
        }
        return *std::move(value_);
    }

  private:
    std::optional<Value> value_;
    BackgroundWork work_;  // last: it ends before what it fills
};

/// Frees what takes long to free beside the event loop; null where that was done here, for want of
/// memory.
template <class Value>
std::unique_ptr<BackgroundWork> free_in_background(std::unique_ptr<Value> value) noexcept {
    try {
        auto last = std::make_shared<std::unique_ptr<Value>>(std::move(value));
        return std::make_unique<BackgroundWork>([last = std::move(last)] { last->reset(); });
    } catch (...) {
        return nullptr;
    }
}

}  // namespace ipfence::module
