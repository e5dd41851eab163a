#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// What the error log is told once a minute at most, by the clock that nobody sets: a wall clock
/// that is set back must not silence it until it has caught up.
class OnceAMinute {
  public:
    /// Whether it is time to say it; once asked, not for a minute.
    bool is_due() noexcept {
        constexpr ngx_msec_t kQuiet = 60'000;
        if (was_said_ && ngx_current_msec - said_ < kQuiet) {
            return false;
        }
        was_said_ = true;
        said_ = ngx_current_msec;
        return true;
    }

  private:
    bool was_said_ = false;
    ngx_msec_t said_ = 0;
};

}  // namespace ipfence::module
