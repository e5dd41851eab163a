#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Asks the provider for an answer that the gate can read: all of it, whatever part the client
/// asked for, and in no content coding. False when there is no memory.
bool ask_for_whole_answer(ngx_http_request_t *r);

/// Before that: lets nginx itself (`gzip`) go on by the content codings that the client accepts.
/// False when there is no memory.
bool keep_codings_for_nginx(ngx_http_request_t *r);

}  // namespace ipfence::module
