#include "module/worker_timer.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "engine/descriptor.hpp"

namespace ipfence::module {

namespace {

// nginx itself needs some, and ends a worker that has none for its master's word before it serves
// anybody; the others are for clients.
bool may_take_connection() noexcept {
    return ngx_cycle->free_connection_n > ngx_cycle->connection_n / 2;
}

}  // namespace

WorkerTimer::WorkerTimer(Handler handler, void *data) noexcept : handler_(handler), data_(data) {
    in_tree_.handler = on_timer;
    in_tree_.data = this;
    in_tree_.cancelable = 1;
}

void WorkerTimer::begin_worker(ngx_log_t *log) noexcept {
    in_tree_.log = log;
    if (!may_take_connection()) {
        return;
    }
    Descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    connection_ = timer ? ngx_get_connection(timer.number(), log) : nullptr;
    if (connection_ == nullptr) {
        return;
    }
    timer.release();  // nginx closes it with the connection
    connection_->data = this;
    connection_->read->handler = on_read;
    connection_->read->log = log;
    if (ngx_handle_read_event(connection_->read, 0) != NGX_OK) {
        end_worker();
    }
}

void WorkerTimer::end_worker() noexcept {
    is_set_ = false;
    if (in_tree_.timer_set) {
        ngx_del_timer(&in_tree_);
    }
    if (connection_ != nullptr) {
        ngx_close_connection(connection_);
        connection_ = nullptr;
    }
}

// When a worker is told to quit, nginx calls who reads an idle connection, to have it closed.
void WorkerTimer::hurry_at_quit() noexcept {
    if (connection_ != nullptr) {
        connection_->idle = 1;
    }
}

void WorkerTimer::set(ngx_msec_t delay) noexcept {
    is_set_ = true;
    if (connection_ == nullptr) {
        ngx_add_timer(&in_tree_, delay);
    } else {
        arm(std::max<ngx_msec_t>(delay, 1));
    }
}

// Nothing at all is never.
void WorkerTimer::arm(ngx_msec_t delay) noexcept {
    constexpr ngx_msec_t kSecond = 1000;
    constexpr long kNanoseconds = 1'000'000;
    itimerspec when{};
    when.it_value.tv_sec = static_cast<time_t>(delay / kSecond);
    when.it_value.tv_nsec = static_cast<long>(delay % kSecond) * kNanoseconds;
    (void)::timerfd_settime(connection_->fd, 0, &when, nullptr);  // fails for a bad time only
}

void WorkerTimer::call() noexcept {
    is_set_ = false;
    handler_(data_);
}

void WorkerTimer::on_read(ngx_event_t *event) noexcept {
    auto *connection = static_cast<ngx_connection_t *>(event->data);
    auto *self = static_cast<WorkerTimer *>(connection->data);
    std::uint64_t times = 0;
    event->ready = 0;
    if (connection->close && connection->idle) {
        connection->idle = 0;  // once, for it stays open: the handler may set the timer again
        if (self->is_set_) {
            self->arm(0);
            self->call();
        }
        return;
    }
    // Set anew since the event was reported, it is still to come.
    if (::read(connection->fd, &times, sizeof(times)) == sizeof(times)) {
        self->call();
    }
}

void WorkerTimer::on_timer(ngx_event_t *timer) noexcept {
    static_cast<WorkerTimer *>(timer->data)->call();
}

}  // namespace ipfence::module
