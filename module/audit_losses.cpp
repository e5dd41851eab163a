#include "module/audit_losses.hpp"

namespace ipfence::module {

AuditLosses audit_losses;

void AuditLosses::add(ngx_uint_t lines) noexcept {
    lines_ += lines;
    if (board_ != nullptr) {
        board_->count_lost_audit_lines(ngx_worker, lines);
    }
}

void AuditLosses::report(ngx_log_t *log) noexcept {
    if (lines_ != reported_lines_ && lines_time_.is_due()) {
        reported_lines_ = lines_;
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "ipfence: audit lines are written again; this worker has lost %ui", lines_);
    }
}

}  // namespace ipfence::module
