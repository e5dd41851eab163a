#include "module/reminder.hpp"

#include <utility>

#include "module/once_a_minute.hpp"

namespace ipfence::module {

namespace {

// What one worker has counted, and when it said so last.
class Reminder {
  public:
    // How many there were since the last time, where it is time to say so; else 0.
    ngx_uint_t count() noexcept {
        ++count_;
        return time_.is_due() ? std::exchange(count_, 0) : 0;
    }

  private:
    ngx_uint_t count_ = 0;
    OnceAMinute time_;
};

}  // namespace

void say_what_is_not_enforced(const RequestState &state) noexcept {
    static Reminder denials;
    static Reminder flips;
    ngx_log_t *log = state.request->connection->log;
    const Verdict &verdict = *state.verdict;

    if (verdict.outcome == Outcome::deny && !verdict.enforced) {
        if (const ngx_uint_t count = denials.count(); count != 0) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "ipfence: \"ipfence_mode\" is \"monitor\": requests that are not denied, "
                          "since this was last said: %ui",
                          count);
        }
    }
    if (is_flip(verdict)) {
        if (const ngx_uint_t count = flips.count(); count != 0) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "ipfence: requests that \"ipfence_candidate\" decides otherwise, since "
                          "this was last said: %ui",
                          count);
        }
    }
}

}  // namespace ipfence::module
