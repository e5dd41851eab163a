#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether the request's `Accept` (RFC 9110, section 12.5.1) names HTML, and no kind of JSON that
/// it likes as much. A browser does; a program that says nothing gets JSON.
bool prefers_html(ngx_http_request_t *r);

}  // namespace ipfence::module
