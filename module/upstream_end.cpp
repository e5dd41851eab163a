#include "module/upstream_end.hpp"

namespace ipfence::module {

namespace {

// What ends an answer, in whichever way, is a buffer with nothing in it.
bool has_end(const ngx_chain_t *in) noexcept {
    for (; in != nullptr; in = in->next) {
        if (ngx_buf_special(in->buf)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool upstream_broke_off(const ngx_http_request_t *r, const ngx_chain_t *in) noexcept {
    const ngx_http_upstream_t *upstream = r->upstream;
    return upstream != nullptr && upstream->cleanup == nullptr && upstream->header_sent &&
           has_end(in);
}

// An error of the body filter's would end the request, and an error page that is on its way with
// it; and nginx's other way out of a body (ngx_http_filter_finalize_request) closes the upstream
// while its event pipe still reads from it.
void break_off_upstream(ngx_http_request_t *r) noexcept {
    ngx_http_upstream_t *upstream = r->upstream;
    if (upstream == nullptr || upstream->cleanup == nullptr ||
        upstream->peer.connection == nullptr) {
        return;
    }
    if (upstream->buffering) {
        upstream->pipe->upstream_error = 1;
    } else {
        upstream->peer.connection->read->error = 1;
    }
}

}  // namespace ipfence::module
