#pragma once

#include <optional>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// The kind that a word of the configuration, or the value of a variable, names.
std::optional<ngx_http_ipfence_kind_e> kind_of(std::string_view word) noexcept;

/// The word for a kind; a literal.
std::string_view name_of(ngx_http_ipfence_kind_e kind) noexcept;

/// What this request is in the location that it is in now: the literal kind, or what the variable
/// evaluates to, which is NGX_HTTP_IPFENCE_UNKNOWN (and logged) when it is no kind.
ngx_http_ipfence_kind_e kind_of_request(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
