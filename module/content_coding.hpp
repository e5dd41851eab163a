#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Asks the provider for an answer in no content coding, which the gate can read. False when there
/// is no memory.
bool ask_for_identity_coding(ngx_http_request_t *r);

}  // namespace ipfence::module
