#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace ipfence::module {

/// Work that takes longer than a request may wait: it is done in a thread of its own. It must touch
/// nothing of nginx's, nor anything that the event loop uses meanwhile.
class BackgroundWork {
  public:
    /// Begins. Where the system has no thread left it is done here and now, and requests wait.
    explicit BackgroundWork(std::function<void()> work);
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
