#pragma once

#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// The first of the values of `ipfence_app` or `ipfence_user` that is not empty now, copied into
/// the request's pool; empty when there is none. nginx evaluates `$upstream_http_…` afresh each
/// time, so one that reads the provider's answer counts once the answer is there. A value that is
/// not UTF-8 text without control bytes, or that comes from a header with several lines, names
/// nobody: `is_unusable` is then set.
struct ConfiguredValue {
    std::string_view text;
    bool is_unusable = false;
};
ConfiguredValue first_configured_value(ngx_http_request_t *r, ngx_array_t *values);

/// What `ipfence_app` and `ipfence_user` say now. None of it counts where one `is_unusable`.
struct ConfiguredNames {
    std::string_view app;
    std::string_view user;
    bool is_unusable = false;
};
ConfiguredNames evaluate_configured_names(ngx_http_request_t *r,
                                          const ngx_http_ipfence_loc_conf_t &conf);

/// The same, where most locations have none.
inline ConfiguredNames configured_names(ngx_http_request_t *r,
                                        const ngx_http_ipfence_loc_conf_t &conf) {
    return conf.apps == nullptr && conf.users == nullptr ? ConfiguredNames{}
                                                         : evaluate_configured_names(r, conf);
}

/// What is wrong where one is unusable.
inline constexpr std::string_view kUnusableName = "a configured name is not one readable text";

/// Whether one of the values is made of the provider's answer (`$upstream_http_…`), and so may say
/// something only once that is there. A variable that is made of such a one, as by a `map`, is not
/// looked through.
bool is_of_answer(ngx_http_request_t *r, const ngx_array_t *values);

/// Whether `value` has a variable `$http_…` in it whose header has more than one line. nginx takes
/// the first one, or joins them, and other readers take the last (B10, C04). A variable that is
/// made of such a one, as by a `map`, is not looked through.
bool is_of_repeated_header(ngx_http_request_t *r, const ngx_http_complex_value_t &value);

}  // namespace ipfence::module
