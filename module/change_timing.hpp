#pragma once

#include <utility>

#include "engine/file_version.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// When files that change may be read, as somebody knows who looks at them now and then.
class ChangeTiming {
  public:
    /// How often to look.
    static constexpr ngx_msec_t kInterval = 250;

    enum class Moment {
        wait,     ///< they may be half written
        settled,  ///< two looks saw the same: by then most writers are done
        passing,  ///< whole files take the place of others all the time, and no look sees the same
    };

    /// Says it of a look that saw this.
    Moment look(const FilesVersion &seen) noexcept {
        const FilesVersion before = std::exchange(seen_, seen);
        const bool is_settled = before.value() == seen.value();
        const bool is_replaced = before.identity() != seen.identity();
        if (is_settled) {
            settled_ = ngx_current_msec;
            return Moment::settled;
        }
        if (is_replaced && ngx_current_msec - settled_ >= kPatience) {
            settled_ = ngx_current_msec;
            return Moment::passing;
        }
        return Moment::wait;
    }

  private:
    // With as long to take a change up, it is in force within two seconds.
    static constexpr ngx_msec_t kPatience = 3 * kInterval;

    FilesVersion seen_;
    ngx_msec_t settled_ = ngx_current_msec;
};

}  // namespace ipfence::module
