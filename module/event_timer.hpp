#pragma once

#include <cstdint>

#include "module/nginx.hpp"

namespace ipfence::module {

/// A timer of nginx's event loop, which ends with whatever it belongs to.
class EventTimer {
  public:
    using Handler = void (*)(void *data) noexcept;

    /// What a worker that is to end does with one that is set.
    enum class AtQuit : std::uint8_t { waits, leaves };

    /// `handler` is called with `data`, and may destroy the timer.
    EventTimer(Handler handler, void *data, AtQuit at_quit) noexcept
        : handler_(handler), data_(data) {
        event_.handler = on_timer;
        event_.data = this;
        event_.log = ngx_cycle->log;
        event_.cancelable = at_quit == AtQuit::leaves;
    }
    EventTimer(const EventTimer &) = delete;
    EventTimer &operator=(const EventTimer &) = delete;
    ~EventTimer() { cancel(); }

    /// Calls the handler once, after so many milliseconds from now.
    void set(ngx_msec_t delay) noexcept { ngx_add_timer(&event_, delay); }

    void cancel() noexcept {
        if (event_.timer_set) {
            ngx_del_timer(&event_);
        }
    }

    /// Whether the handler is still to be called.
    bool is_set() const noexcept { return event_.timer_set; }

  private:
    static void on_timer(ngx_event_t *event) noexcept {
        const auto *self = static_cast<EventTimer *>(event->data);
        self->handler_(self->data_);
    }

    const Handler handler_;
    void *const data_;
    ngx_event_t event_{};
};

}  // namespace ipfence::module
