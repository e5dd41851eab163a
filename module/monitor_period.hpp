#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "module/nginx.hpp"
#include "module/zone_mapping.hpp"

namespace ipfence::module {

/// Until when each `ipfence_mode monitor until=…` holds, for all configurations since nginx began:
/// what is not enforced now shall be enforced again by itself (P16). Owned by the configuration's
/// pool.
class MonitorPeriods {
  public:
    /// Takes up those of an earlier configuration or binary. Null when there is no memory, which is
    /// logged.
    static std::unique_ptr<MonitorPeriods> open(ngx_conf_t *cf);

    /// When a period that ends at `until` (Unix time in seconds) is over, on the clock of
    /// `ngx_current_msec`, which nobody sets. A configuration that is read again while the wall
    /// clock stands earlier makes it no longer.
    ngx_msec_t end_of(std::int64_t until) noexcept;

  private:
    explicit MonitorPeriods(std::shared_ptr<ZoneMapping> mapping) noexcept
        : mapping_(std::move(mapping)) {}

    std::shared_ptr<ZoneMapping> mapping_;
};

/// Reads a time in UTC as RFC 3339 writes it, without fractions: `2026-11-29T15:00:00Z`. Unix time
/// in seconds.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace ipfence::module
