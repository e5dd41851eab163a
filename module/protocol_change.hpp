#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Takes away a client's offer to go on with another version of HTTP on this connection (`Upgrade:
/// h2c`, RFC 7540, section 3.2; TLS, RFC 2817): nobody decides about the requests behind it, which
/// nginx hands on as bytes. Whoever gets such an offer may ignore it (RFC 9110, section 7.8). That
/// of a WebSocket, or of anything else that is not HTTP, stays; but in HTTP/2 and 3, which have
/// none (RFC 9113, section 8.6), and whose connection nginx cannot give to one request.
void withdraw_change_to_http(ngx_http_request_t *r) noexcept;

/// The same where there may be none, as in nearly all requests.
inline void keep_to_this_http(ngx_http_request_t *r) noexcept {
    if (r->headers_in.upgrade != nullptr) [[unlikely]] {
        withdraw_change_to_http(r);
    }
}

}  // namespace ipfence::module
