#pragma once

#include <optional>
#include <string_view>

#include "module/request_state.hpp"

namespace ipfence::module {

/// Starts to read the request's body; the phases run again when it is all there. Returns what the
/// phase handler must return. Where nginx refuses the body (an HTTP status), the connection ends
/// with whatever is answered: what is left of the body is no request.
ngx_int_t read_request_body(ngx_http_request_t *r);

/// Whether the gate refuses a body that is larger than it reads. Where it only watches, such a
/// request goes on as if there were no gate, if nginx takes its body.
inline bool refuses_large_bodies(const RequestState &state) noexcept {
    return state.is_enforced && state.kind != NGX_HTTP_IPFENCE_REVOCATION;
}

/// How large the request's body is, in bytes, without reading any of it.
off_t request_body_size(const ngx_http_request_t *r) noexcept;

/// The whole body as one view, whichever buffers or temporary file nginx keeps it in; valid as long
/// as the request. Empty optional when there is no memory or the file cannot be read (logged).
std::optional<std::string_view> request_body_of(ngx_http_request_t *r);

/// Hooks into nginx's body filters, so that a body of unknown length that grows past
/// `ipfence_body_limit` is refused while it arrives.
void install_body_limit() noexcept;

}  // namespace ipfence::module
