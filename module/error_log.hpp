#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// From here on, whatever nginx or the gate logs of the request names its path, not its query,
/// fragment or referrer: they are where RFC 6750 and browsers carry tokens and codes. May be called
/// any number of times, of the request or of a subrequest of it.
void keep_secrets_from_error_log(ngx_http_request_t *r) noexcept;

/// Has it called for every request that comes to a location of the gate, before any other module
/// has a word to log of it there. For postconfiguration.
ngx_int_t install_error_log(ngx_conf_t *cf) noexcept;

}  // namespace ipfence::module
