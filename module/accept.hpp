#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether the request's `Accept` (RFC 9110, section 12.5.1) likes HTML better than JSON, or as
/// much and names it more precisely. A browser's does; a program that says nothing gets JSON.
bool prefers_html(ngx_http_request_t *r);

}  // namespace ipfence::module
