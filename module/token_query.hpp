#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether a token request has no query, or one with one reading and only with parameters that
/// `ipfence_token_query` names.
bool has_allowed_query(ngx_http_request_t *r);

}  // namespace ipfence::module
