#pragma once

#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// The first of the values of `ipfence_app` or `ipfence_user` that is not empty now, copied into
/// the request's pool; empty when there is none. nginx evaluates `$upstream_http_…` afresh each
/// time, so one that reads the provider's answer counts once the answer is there. A value that is
/// not UTF-8 text without control bytes names nobody: `is_unusable` is then set.
struct ConfiguredValue {
    std::string_view text;
    bool is_unusable = false;
};
ConfiguredValue first_configured_value(ngx_http_request_t *r, ngx_array_t *values);

}  // namespace ipfence::module
