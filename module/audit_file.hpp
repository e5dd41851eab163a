#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "module/audit_buffer.hpp"
#include "module/cut_mark.hpp"
#include "module/inherited_memory.hpp"
#include "module/nginx.hpp"
#include "module/worker_timer.hpp"

namespace ipfence::module {

/// A file of audit lines. Without a buffer each line is one write(2). With one, they wait until it
/// is full or the oldest has waited as long as it may, in memory that outlives a worker: the next
/// worker in its place writes what a killed one left, the master at its end what is left then.
///
/// What cannot be written is said in the error log, at most once a minute; where there is a buffer,
/// it waits there as long as there is room. Lives as long as the configuration pool.
class AuditFile {
  public:
    /// `size` in bytes, 0: no buffer; `flush` in milliseconds: how long a line may wait.
    struct Buffering {
        std::uint32_t size = 0;
        ngx_msec_t flush = 0;

        bool operator==(const Buffering &) const = default;
    };

    /// The least size of a buffer: one line of nearly any length.
    static constexpr std::uint32_t kLeastBuffer = 4096;

    /// What nginx calls with a file that it is about to reopen.
    using ReopenHandler = void (*)(ngx_open_file_t *file, ngx_log_t *log) noexcept;

    /// nginx opens `file`. Others may write to it, too, as an access log does. Throws
    /// std::bad_alloc.
    AuditFile(ngx_open_file_t &file, Buffering buffering);
    AuditFile(const AuditFile &) = delete;
    AuditFile &operator=(const AuditFile &) = delete;

    const ngx_open_file_t &file() const noexcept { return file_; }
    const Buffering &buffering() const noexcept { return buffering_; }

    /// Makes the buffers of so many workers, before there are any, and once all directives are
    /// read. Where there is no memory, the log says so, and each line is written when it is made.
    /// `handler` is to call before_reopening of the file that it is called with.
    void make_buffers(std::size_t workers, ReopenHandler handler, ngx_log_t *log) noexcept;

    /// nginx got USR1: what waits is written to the old file.
    void before_reopening(ngx_log_t *log) noexcept;

    /// In a worker: writes what its predecessor left; at its end, what waits, and what cannot be
    /// written then is lost.
    void begin_worker(ngx_cycle_t *cycle) noexcept;
    void end_worker(ngx_log_t *log) noexcept;

    /// In the master, when there are no workers any more.
    void end_master(ngx_log_t *log) noexcept;

    /// Where a line may be made that is to wait; empty where none may.
    std::span<char> room() noexcept { return own_ == nullptr ? std::span<char>{} : own_->room(); }

    /// Has a line wait that was made there.
    void keep(std::size_t size, ngx_log_t *log) noexcept {
        own_->add(size);
        if (ngx_exiting || !timer_.is_set()) {
            begin_waiting(log);
        }
    }

    /// Writes a line that was made elsewhere, or has it wait. Every line ends in a line feed.
    void write(std::string_view line, ngx_log_t *log) noexcept;

  private:
    static void on_timer(void *data) noexcept;

    AuditBuffer &buffer_of(std::size_t worker) const noexcept;
    AuditBuffer *take_buffer() const noexcept;
    void begin_waiting(ngx_log_t *log) noexcept;
    void write_now(std::string_view line, ngx_log_t *log) noexcept;
    void write_waiting(AuditBuffer &buffer, ngx_log_t *log) noexcept;
    ssize_t write_text(std::string_view text) noexcept;

    ngx_open_file_t &file_;
    const Buffering buffering_;
    void (*others_handler_)(ngx_open_file_t *, ngx_log_t *) = nullptr;  // an access log's
    InheritedMemory buffers_;                                           // empty: none
    std::size_t workers_ = 0;
    AuditBuffer *own_ = nullptr;  // of this process, a worker
    const std::shared_ptr<CutMark> cut_mark_;
    WorkerTimer timer_{on_timer, this};  // set while something waits
};

}  // namespace ipfence::module
