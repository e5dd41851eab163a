#pragma once

#include <optional>
#include <string_view>

#include "module/nginx.hpp"
#include "module/refused.hpp"

namespace ipfence::module {

/// Checks what must be known of a token request before its body is worth reading: one method, one
/// content type, no content coding, no query, nothing that makes a provider read another method
/// than nginx did.
std::optional<Refused> refuse_token_headers(ngx_http_request_t *r);

/// Refuses a token request's form whose content type names another charset than UTF-8 and that has
/// letters which are others there.
std::optional<Refused> refuse_letters(const ngx_http_request_t *r, std::string_view form);

/// Whether an OPTIONS request is a CORS preflight (Fetch standard, section 3.2.2) without a body.
bool asks_what_is_allowed(ngx_http_request_t *r);

/// Whether this is such a one.
inline bool is_preflight(ngx_http_request_t *r) {
    return r->method == NGX_HTTP_OPTIONS && asks_what_is_allowed(r);
}

}  // namespace ipfence::module
