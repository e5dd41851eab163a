#pragma once

#include "engine/status/board.hpp"
#include "module/nginx.hpp"
#include "module/once_a_minute.hpp"

namespace ipfence::module {

/// The audit lines that a worker lost, and what it has said of them. nginx's own access log speaks
/// up once a minute, and so does this: a full disk must not fill the next one.
class AuditLosses {
  public:
    /// Counts them where `ipfence_status` shows them, too; null: nowhere. In a worker, once.
    void begin_worker(StatusBoard *board) noexcept { board_ = board; }

    /// So many lines more.
    void add(ngx_uint_t lines = 1) noexcept;

    /// Whether it is time to say why lines are lost, or wait; once asked, not for a minute.
    bool is_reason_due() noexcept { return reason_time_.is_due(); }

    /// A line was written: says how many were lost, unless that is said already.
    void report(ngx_log_t *log) noexcept;

  private:
    StatusBoard *board_ = nullptr;
    ngx_uint_t lines_ = 0;
    ngx_uint_t reported_lines_ = 0;
    OnceAMinute reason_time_;
    OnceAMinute lines_time_;
};

/// Those of this worker, of all its audit logs.
extern AuditLosses audit_losses;

}  // namespace ipfence::module
