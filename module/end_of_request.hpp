#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// The LOG handler, which runs before nginx's access log: where a request ended before the answer
/// that was to be judged was whole, says so in the audit log. No decision goes unrecorded (I12).
ngx_int_t end_of_request_handler(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
