// The setter of ipfence_detect.

#include <algorithm>

#include "engine/credential/parameter_scan.hpp"
#include "module/directive.hpp"
#include "module/kind.hpp"
#include "module/nginx.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

using Detection = ngx_http_ipfence_detection_t;

char *refuse(ngx_conf_t *cf, const char *why, ngx_str_t *argument) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"ipfence_detect\": \"%V\" %s", argument, why);
    return kError;
}

bool is_method(std::string_view text) noexcept {
    return !text.empty() &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

// What every parser takes for the same name, so that a request cannot spell it in another way.
bool is_parameter_name(std::string_view text) noexcept {
    return !text.empty() &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyz"
               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == std::string_view::npos;
}

char *take_argument(ngx_conf_t *cf, ngx_str_t &argument, Detection &detection) {
    constexpr std::string_view kMethod = "method=";
    constexpr std::string_view kParameter = "parameter=";
    const std::string_view text = view(argument);
    if (text.starts_with(kMethod)) {
        if (detection.method.len != 0 || !is_method(text.substr(kMethod.size()))) {
            return refuse(cf, "must be one method, in capital letters", &argument);
        }
        detection.method = ngx_view(text.substr(kMethod.size()));
        return NGX_CONF_OK;
    }
    if (!text.starts_with(kParameter) || !is_parameter_name(text.substr(kParameter.size()))) {
        return refuse(cf, "is neither method=METHOD nor parameter=NAME of letters, digits, _ - .",
                      &argument);
    }
    static_assert(ParameterScan::kMaxWanted == 8);
    if (detection.parameters->nelts == ParameterScan::kMaxWanted) {
        return refuse(cf, "is one parameter too many: eight are possible", &argument);
    }
    const std::string_view wanted = text.substr(kParameter.size());
    if (std::ranges::any_of(elements<ngx_str_t>(*detection.parameters),
                            [wanted](const ngx_str_t &other) { return view(other) == wanted; })) {
        return refuse(cf, "is given twice, which no request does", &argument);
    }
    auto *name = static_cast<ngx_str_t *>(ngx_array_push(detection.parameters));
    if (name == nullptr) {
        return kError;
    }
    *name = ngx_view(wanted);
    return NGX_CONF_OK;
}

Detection *add_detection(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t &conf) {
    constexpr ngx_uint_t kUsual = 4;
    if (conf.detections == NGX_CONF_UNSET_PTR) {
        conf.detections = ngx_array_create(cf->pool, kUsual, sizeof(Detection));
    }
    auto *detection = conf.detections == nullptr
                          ? nullptr
                          : static_cast<Detection *>(ngx_array_push(conf.detections));
    if (detection == nullptr) {
        return nullptr;
    }
    *detection = {};
    detection->parameters =
        ngx_array_create(cf->pool, ParameterScan::kMaxWanted, sizeof(ngx_str_t));
    return detection->parameters == nullptr ? nullptr : detection;
}

}  // namespace

char *ngx_http_ipfence_set_detect(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        const auto texts = arguments(cf);
        const auto kind = kind_of(view(texts[0]));
        if (!kind || *kind == NGX_HTTP_IPFENCE_OFF) {
            return refuse(cf, "is no kind of request that can be detected", &texts[0]);
        }
        auto *detection = add_detection(cf, *static_cast<ngx_http_ipfence_loc_conf_t *>(data));
        if (detection == nullptr) {
            return kError;
        }
        detection->kind = *kind;
        for (ngx_str_t &argument : texts.subspan(1)) {
            if (char *fault = take_argument(cf, argument, *detection); fault != NGX_CONF_OK) {
                return fault;
            }
        }
        return detection->parameters->nelts != 0
                   ? static_cast<char *>(NGX_CONF_OK)
                   : message("needs a parameter=NAME, or every request would be of this kind");
    });
}
