// The setter of ipfence_mode.

#include "module/directive.hpp"
#include "module/monitor_period.hpp"

namespace {

using namespace ipfence::module;

// The configuration's periods, opened where one is named first.
MonitorPeriods *periods_of(ngx_conf_t *cf) {
    auto *main = main_configuration(cf);
    if (main->monitor_periods == nullptr) {
        auto periods = MonitorPeriods::open(cf);
        main->monitor_periods =
            periods == nullptr ? nullptr : owned_by_pool(cf->pool, std::move(periods));
    }
    return main->monitor_periods;
}

void say_how_long(ngx_conf_t *cf, const ngx_str_t &word, ngx_msec_t end) {
    if (end <= ngx_current_msec) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"ipfence_mode monitor %V\" is over: decisions are enforced", &word);
        return;
    }
    const ngx_msec_t seconds = (end - ngx_current_msec + 999) / 1000;
    ngx_conf_log_error(NGX_LOG_NOTICE, cf, 0,
                       "\"ipfence_mode monitor %V\": decisions are enforced again in %M seconds",
                       &word, seconds);
}

char *set_period(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t *conf, const ngx_str_t &word) {
    const auto text = parameter(word, "until");
    const auto until =
        text && conf->mode == NGX_HTTP_IPFENCE_MONITOR ? parse_time(*text) : std::nullopt;
    if (!until) {
        return message(
            "takes \"monitor until=TIME\" with a time in UTC as in 2026-11-29T15:00:00Z");
    }
    MonitorPeriods *periods = periods_of(cf);
    if (periods == nullptr) {
        return kError;
    }
    conf->monitor_ends = periods->end_of(*until);
    say_how_long(cf, word, conf->monitor_ends);
    return NGX_CONF_OK;
}

}  // namespace

char *ngx_http_ipfence_set_mode(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        const auto words = arguments(cf);
        if (conf->mode != NGX_CONF_UNSET_UINT) {
            return message(kDuplicate);
        }
        if (view(words[0]) == "enforce") {
            conf->mode = NGX_HTTP_IPFENCE_ENFORCE;
        } else if (view(words[0]) == "monitor") {
            conf->mode = NGX_HTTP_IPFENCE_MONITOR;
        } else {
            ngx_conf_log_error(
                NGX_LOG_EMERG, cf, 0,
                "invalid value \"%V\" in \"ipfence_mode\", it must be \"enforce\" or "
                "\"monitor\"",
                &words[0]);
            return kError;
        }
        return words.size() == 1 ? NGX_CONF_OK : set_period(cf, conf, words[1]);
    });
}
