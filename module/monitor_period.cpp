#include "module/monitor_period.hpp"

#include <time.h>

#include <algorithm>
#include <span>
#include <string>

namespace ipfence::module {

namespace {

// No zone can be called so: a word of the configuration has no space.
constexpr const char *kPeriodsName = " monitor periods";

// In shared memory; only the process that reads a configuration looks at it. All zero: free.
struct Period {
    std::int64_t until;
    ngx_msec_t end;
};
constexpr std::size_t kPeriods = 64;

std::span<Period> periods_in(ZoneMapping &mapping) noexcept {
    return {reinterpret_cast<Period *>(mapping.memory().data()), kPeriods};
}

}  // namespace

std::unique_ptr<MonitorPeriods> MonitorPeriods::open(ngx_conf_t *cf) {
    const std::size_t size = ngx_align(kPeriods * sizeof(Period), ngx_pagesize);
    std::shared_ptr<ZoneMapping> mapping = ZoneMapping::find(kPeriodsName, size, ngx_inherited);
    if (mapping == nullptr) {
        auto created = ZoneMapping::create(kPeriodsName, size);
        if (!created) {
            const ngx_str_t text = ngx_view(created.error().message);
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_mode: %V", &text);
            return nullptr;
        }
        mapping = *created;
    }
    return std::unique_ptr<MonitorPeriods>(new MonitorPeriods(std::move(mapping)));
}

ngx_msec_t MonitorPeriods::end_of(std::int64_t until) noexcept {
    const ngx_time_t now = *ngx_timeofday();
    const auto milliseconds = static_cast<std::int64_t>(now.msec);
    const std::int64_t left = std::max<std::int64_t>((until - now.sec) * 1000 - milliseconds, 0);
    const ngx_msec_t end = ngx_current_msec + static_cast<ngx_msec_t>(left);
    const auto periods = periods_in(*mapping_);
    const auto known = std::ranges::find(periods, until, &Period::until);
    if (known != periods.end()) {
        known->end = std::min(known->end, end);
        return known->end;
    }
    // Among free ones and those that are long over, the one that ends first makes room.
    *std::ranges::min_element(periods, {}, &Period::until) = {until, end};
    return end;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
    const bool has_shape =
        text.size() == kShape.size() &&
        std::ranges::equal(text, kShape, [](char given, char wanted) {
            return wanted == '0' ? given >= '0' && given <= '9' : given == wanted;
        });
    tm broken_down{};
    if (!has_shape ||
        strptime(std::string(text).c_str(), "%Y-%m-%dT%H:%M:%SZ", &broken_down) == nullptr) {
        return std::nullopt;
    }
    const tm given = broken_down;
    const time_t time = timegm(&broken_down);
    // The 31st of February is no day, and timegm makes another one of it.
    const bool is_day = given.tm_mday == broken_down.tm_mday && given.tm_mon == broken_down.tm_mon;
    return is_day && time > 0 ? std::optional<std::int64_t>(time) : std::nullopt;
}

}  // namespace ipfence::module
