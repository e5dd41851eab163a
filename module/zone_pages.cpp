#include "module/zone_pages.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace ipfence::module {

namespace {

// Some 100 us of page table entries, twenty times what a request takes, and every millisecond.
constexpr std::size_t kStep = std::size_t{2} << 20;
constexpr ngx_msec_t kPauseBetweenPages = 1;

}  // namespace

void ZonePages::begin_worker(ngx_log_t *log) noexcept {
    timer_.begin_worker(log);
    timer_.set(kPauseBetweenPages);
}

void ZonePages::on_timer(void *data) noexcept {
    static_cast<ZonePages *>(data)->map_some();
}

void ZonePages::map_some() noexcept {
    const std::span<std::byte> some = rest_.first(std::min(kStep, rest_.size()));
    if (::madvise(some.data(), some.size(), MADV_POPULATE_READ) != 0) {
        // Linux has it since 5.14. Without it the pages come by page faults.
        ngx_log_error(NGX_LOG_INFO, timer_.log(), ngx_errno,
                      "ipfence_zone: its pages are not mapped in advance, so that the first "
                      "requests wait for them");
        rest_ = {};
    } else {
        rest_ = rest_.subspan(some.size());
    }
    if (rest_.empty()) {
        timer_.end_worker();
    } else {
        timer_.set(kPauseBetweenPages);
    }
}

}  // namespace ipfence::module
