#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "engine/policy/policy.hpp"
#include "module/change_timing.hpp"
#include "module/nginx.hpp"
#include "module/once_a_minute.hpp"
#include "module/policy_board.hpp"
#include "module/policy_reading.hpp"
#include "module/worker_timer.hpp"

namespace ipfence::module {

/// The watch over a policy's files. Each worker looks at them several times a second; one of them
/// reads what changed, in a thread beside its event loop, and all of them take it up.
class PolicyWatch {
  public:
    /// `current`, the policy in force in this process, is what it replaces. All three must outlive
    /// it.
    PolicyWatch(const std::string &path, PolicyBoard &board,
                std::shared_ptr<const Policy> &current) noexcept;

    PolicyWatch(const PolicyWatch &) = delete;
    PolicyWatch &operator=(const PolicyWatch &) = delete;

    /// Begins and ends it, in a worker.
    void begin_worker(ngx_cycle_t *cycle) noexcept;
    void end_worker() noexcept;

  private:
    void warn_of_unreadable_files() noexcept;
    static void on_timer(void *data) noexcept;
    void look();
    void adopt();
    void begin_reading(const PolicyBoard::Sources &sources);
    void end_reading();
    void put_off(const std::string &why);
    void has_read();
    void log_seldom(const std::string &reason);
    void log(ngx_uint_t level, std::span<const Diagnostic> said, std::size_t more,
             const char *what) const;
    void log(ngx_uint_t level, const std::string &text) const noexcept;

    const std::string &path_;
    PolicyBoard &board_;
    std::shared_ptr<const Policy> &current_;
    PolicyBoard::Number number_;
    ChangeTiming timing_;
    bool may_be_cut_ = false;  // what is read
    std::unique_ptr<PolicyReading> reading_;
    ngx_msec_t reading_began_ = 0;
    bool is_put_off_ = false;    // what changed could not be read, which was said
    ngx_msec_t read_again_ = 0;  // not before, then
    bool lacks_memory_ = false;  // at the last look, which was said
    OnceAMinute time_to_say_;    // that there is no room for a change
    WorkerTimer timer_{on_timer, this};
};

}  // namespace ipfence::module
