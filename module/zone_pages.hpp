#pragma once

#include <cstddef>
#include <span>

#include "module/nginx.hpp"
#include "module/worker_timer.hpp"

namespace ipfence::module {

/// Maps the pages of shared memory into a worker, some at a time between requests. A worker begins
/// with none of them, since the system leaves what is shared to page faults when it forks; a zone
/// of ten million tokens has more than a million pages, and a request would wait for several.
class ZonePages {
  public:
    /// `memory` must outlive it.
    explicit ZonePages(std::span<std::byte> memory) noexcept : rest_(memory) {}

    /// In a worker, once: from here on they come to hand.
    void begin_worker(ngx_log_t *log) noexcept;
    void end_worker() noexcept { timer_.end_worker(); }

  private:
    static void on_timer(void *data) noexcept;
    void map_some() noexcept;

    std::span<std::byte> rest_;
    WorkerTimer timer_{on_timer, this};
};

}  // namespace ipfence::module
