#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// A timer of a worker's own that is not in nginx's tree of timers, where each one that waits makes
/// the timers of every request cost more: a descriptor of the system's, which the event loop
/// listens to. A worker that ends does not wait for it.
class WorkerTimer {
  public:
    using Handler = void (*)(void *data) noexcept;

    WorkerTimer(Handler handler, void *data) noexcept;
    WorkerTimer(const WorkerTimer &) = delete;
    WorkerTimer &operator=(const WorkerTimer &) = delete;
    ~WorkerTimer() { end_worker(); }

    /// Takes a descriptor and a connection of nginx's; where there is no descriptor left, or only
    /// half of the worker's connections, the timer is one of the tree after all.
    void begin_worker(ngx_log_t *log) noexcept;
    void end_worker() noexcept;

    /// From now on a handler that is still to be called is called at once when the worker is told
    /// to quit, which it may do long before it ends. Not one whose timer is of the tree: nginx
    /// tells such a timer nothing, and it is called in its time.
    void hurry_at_quit() noexcept;

    /// Calls the handler once, after so many milliseconds. Only in a worker that has begun.
    void set(ngx_msec_t delay) noexcept;

    /// Whether the handler is still to be called.
    bool is_set() const noexcept { return is_set_; }

    /// Where the worker that has begun logs.
    ngx_log_t *log() const noexcept { return in_tree_.log; }

  private:
    static void on_read(ngx_event_t *event) noexcept;
    static void on_timer(ngx_event_t *timer) noexcept;

    void arm(ngx_msec_t delay) noexcept;
    void call() noexcept;

    const Handler handler_;
    void *const data_;
    ngx_connection_t *connection_ = nullptr;
    ngx_event_t in_tree_{};
    bool is_set_ = false;
};

}  // namespace ipfence::module
