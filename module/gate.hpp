#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// The PRECONTENT handler, where every decision about a request begins: after access modules and
/// realip have had their say, before try_files, mirror and the proxy, and for subrequests too.
ngx_int_t gate_handler(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
