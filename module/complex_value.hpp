#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Calls `visit(index, variable)` for each variable that a text of the configuration has in it, by
/// its index among the request's values; not for those that such a one is made of, as by a `map`.
template <class Visitor>
void for_each_variable(ngx_http_request_t *r, const ngx_http_complex_value_t &value,
                       Visitor &&visit) {
    constexpr auto kEnd = static_cast<ngx_uint_t>(-1);
    if (value.flushes == nullptr) {
        return;
    }
    const auto *core = static_cast<const ngx_http_core_main_conf_t *>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const auto variables = elements<const ngx_http_variable_t>(core->variables);
    for (const ngx_uint_t *index = value.flushes; *index != kEnd; ++index) {
        visit(*index, variables[*index]);
    }
}

}  // namespace ipfence::module
