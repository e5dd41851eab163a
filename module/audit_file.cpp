#include "module/audit_file.hpp"

#include <sys/mman.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "module/audit_losses.hpp"

namespace ipfence::module {

AuditFile::AuditFile(ngx_open_file_t &file, Buffering buffering)
    : file_(file), buffering_(buffering), cut_mark_(CutMark::of(view(file.name))) {}

void AuditFile::make_buffers(std::size_t workers, ReopenHandler handler, ngx_log_t *log) noexcept {
    if (buffering_.size == 0) {
        return;
    }
    const std::size_t size = workers * AuditBuffer::size_for(buffering_.size);
    InheritedMemory memory(size);
    if (!memory) {
        ngx_log_error(
            NGX_LOG_ALERT, log, ngx_errno,
            "ipfence: there is no memory for the buffers of \"%V\" (%uz bytes): each audit "
            "line is written when it is made",
            &file_.name, size);
        return;
    }
    ::madvise(memory.start(), size, MADV_DONTDUMP);
    buffers_ = std::move(memory);
    workers_ = workers;
    for (std::size_t worker = 0; worker < workers; ++worker) {
        new (&buffer_of(worker)) AuditBuffer(buffering_.size);
    }
    // An access log of the same file has its own handler, and the file's data for its own buffer.
    others_handler_ = std::exchange(file_.flush, handler);
}

AuditBuffer &AuditFile::buffer_of(std::size_t worker) const noexcept {
    void *place =
        static_cast<char *>(buffers_.start()) + worker * AuditBuffer::size_for(buffering_.size);
    return *static_cast<AuditBuffer *>(place);
}

// Its predecessor's, if that has ended, or any that nobody has; null: there is none.
AuditBuffer *AuditFile::take_buffer() const noexcept {
    for (std::size_t after = 0; after < workers_; ++after) {
        AuditBuffer &buffer = buffer_of((ngx_worker + after) % workers_);
        if (buffer.take()) {
            return &buffer;
        }
    }
    return nullptr;
}

void AuditFile::begin_worker(ngx_cycle_t *cycle) noexcept {
    own_ = take_buffer();
    if (own_ == nullptr) {
        return;
    }
    timer_.begin_worker(cycle->log);
    timer_.hurry_at_quit();  // a reload has taken the buffers from the master
    if (!own_->lines().empty()) {
        ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0,
                      "ipfence: %uz bytes of audit lines that a worker left are written",
                      own_->lines().size());
        on_timer(this);  // and again as long as there is no room for them
    }
}

void AuditFile::end_worker(ngx_log_t *log) noexcept {
    if (own_ == nullptr) {
        return;
    }
    timer_.end_worker();
    write_waiting(*own_, log);
    const std::string_view unwritten = own_->lines();
    audit_losses.add(static_cast<ngx_uint_t>(std::ranges::count(unwritten, '\n')));
    own_->remove(unwritten.size());
    own_->give_back();
    own_ = nullptr;
}

void AuditFile::end_master(ngx_log_t *log) noexcept {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        write_waiting(buffer_of(worker), log);
    }
}

void AuditFile::before_reopening(ngx_log_t *log) noexcept {
    if (others_handler_ != nullptr) {
        others_handler_(&file_, log);
    }
    if (own_ != nullptr) {
        write_waiting(*own_, log);
    }
}

void AuditFile::on_timer(void *data) noexcept {
    auto *self = static_cast<AuditFile *>(data);
    self->write_waiting(*self->own_, self->timer_.log());
    if (!self->own_->lines().empty()) {
        self->timer_.set(self->buffering_.flush);
    }
}

void AuditFile::begin_waiting(ngx_log_t *log) noexcept {
    if (ngx_exiting) {
        write_waiting(*own_, log);  // there is no successor that would
    } else if (!timer_.is_set()) {
        timer_.set(buffering_.flush);
    }
}

void AuditFile::write(std::string_view line, ngx_log_t *log) noexcept {
    if (own_ == nullptr) {
        write_now(line, log);
        return;
    }
    if (!own_->append(line)) {
        write_waiting(*own_, log);
        if (!own_->append(line)) {
            // Longer than the buffer, or what waits cannot be written.
            write_now(line, log);
            return;
        }
    }
    begin_waiting(log);
}

// A part of a line, which a full disk leaves, must not swallow the next line. Until that is written
// all know of it: two that write at once leave an empty line, which is better than one that is
// swallowed. What remains is the instant between the part's write and its mark.
ssize_t AuditFile::write_text(std::string_view text) noexcept {
    u_char line_end = '\n';
    const std::array<iovec, 2> parts{{{&line_end, 1}, {ngx_view(text).data, text.size()}}};
    CutMark::End end;
    const bool was_cut = cut_mark_->is_cut(file_.fd, end);
    ssize_t written = was_cut ? ::writev(file_.fd, parts.data(), static_cast<int>(parts.size()))
                              : ngx_write_fd(file_.fd, ngx_view(text).data, text.size());
    if (written <= 0) {
        return written;
    }
    written -= was_cut;
    if (written != 0 && text[static_cast<std::size_t>(written) - 1] != '\n') {
        cut_mark_->cut(file_.fd);
    } else if (was_cut) {
        cut_mark_->mend(end);
    }
    return written;
}

void AuditFile::write_now(std::string_view line, ngx_log_t *log) noexcept {
    const ssize_t written = write_text(line);
    if (written == static_cast<ssize_t>(line.size())) {
        audit_losses.report(log);
        return;
    }
    const ngx_err_t error = (written == -1) ? ngx_errno : 0;
    audit_losses.add();
    if (audit_losses.is_reason_due()) {
        ngx_log_error(NGX_LOG_ALERT, log, error,
                      "ipfence: audit lines are lost, %s to \"%V\" failed (written: %z); free "
                      "space or mend its permissions",
                      ngx_write_fd_n, &file_.name, written);
    }
}

void AuditFile::write_waiting(AuditBuffer &buffer, ngx_log_t *log) noexcept {
    const std::string_view lines = buffer.lines();
    if (lines.empty()) {
        return;
    }
    const ssize_t written = write_text(lines);
    if (written == static_cast<ssize_t>(lines.size())) {
        buffer.remove(lines.size());
        audit_losses.report(log);
        return;
    }
    const ngx_err_t error = (written == -1) ? ngx_errno : 0;
    if (written > 0) {
        // A line of which a part is written is written again, whole.
        buffer.remove(lines.substr(0, static_cast<std::size_t>(written)).rfind('\n') + 1);
    }
    if (audit_losses.is_reason_due()) {
        ngx_log_error(
            NGX_LOG_ALERT, log, error,
            "ipfence: audit lines wait, and are lost when the buffer is full: %s to \"%V\" "
            "failed (written: %z); free space or mend its permissions",
            ngx_write_fd_n, &file_.name, written);
    }
}

}  // namespace ipfence::module
