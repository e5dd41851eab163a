// The setter of ipfence_geoip.

#include <utility>

#include "module/directive.hpp"
#include "module/geoip_files.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

// Takes `country=FILE` or `asn=FILE`; false where it is neither.
bool take_path(ngx_conf_t *cf, const ngx_str_t &word, GeoipFiles::Paths &paths) {
    for (const auto &[key, path] :
         {std::pair("country", &paths.country), std::pair("asn", &paths.asn)}) {
        const auto name = parameter(word, key);
        if (!name || name->empty()) {
            continue;
        }
        const auto whole = full_path(cf, *name);
        path->assign(view(whole.value_or(ngx_str_t{})));
        return whole.has_value();
    }
    return false;
}

}  // namespace

char *ngx_http_ipfence_set_geoip(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *main = static_cast<ngx_http_ipfence_main_conf_t *>(data);
        if (main->geoip != nullptr) {
            return message(kDuplicate);
        }
        if (char *error = refuse_repeated(cf, cmd)) {
            return error;
        }
        GeoipFiles::Paths paths;
        for (ngx_str_t &argument : arguments(cf)) {
            if (!take_path(cf, argument, paths)) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid value \"%V\" in \"ipfence_geoip\", it takes "
                                   "country=FILE and asn=FILE",
                                   &argument);
                return kError;
            }
        }
        auto files = GeoipFiles::open(cf, std::move(paths));
        main->geoip = files == nullptr ? nullptr : owned_by_pool(cf->pool, std::move(files));
        return main->geoip == nullptr ? kError : NGX_CONF_OK;
    });
}
