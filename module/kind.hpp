#pragma once

#include <optional>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// The kind that a word of the configuration, or the value of a variable, names.
std::optional<ngx_http_ipfence_kind_e> kind_of(std::string_view word) noexcept;

/// The word for a kind; a literal.
std::string_view name_of(ngx_http_ipfence_kind_e kind) noexcept;

/// What the location's variable evaluates to now; NGX_HTTP_IPFENCE_UNKNOWN (and logged) when that
/// is no kind.
ngx_http_ipfence_kind_e kind_by_variable(ngx_http_request_t *r) noexcept;

/// What this request is in the location that it is in now: the literal kind, or the variable's.
inline ngx_http_ipfence_kind_e kind_of_request(ngx_http_request_t *r) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    return conf->kind == NGX_HTTP_IPFENCE_VARIABLE
               ? kind_by_variable(r)
               : static_cast<ngx_http_ipfence_kind_e>(conf->kind);
}

}  // namespace ipfence::module
