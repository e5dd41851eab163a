#include "module/kept_body.hpp"

#include <algorithm>

namespace ipfence::module {

namespace {

bool reserve(ngx_pool_t *pool, HeldResponse &response, std::size_t needed) {
    if (needed <= response.capacity) {
        return true;
    }
    const std::size_t capacity = std::max(needed, 2 * response.capacity);
    auto *body = static_cast<u_char *>(ngx_pnalloc(pool, capacity));
    if (body == nullptr) {
        return false;
    }
    if (response.size != 0) {
        ngx_memcpy(body, response.body, response.size);
        ngx_pfree(pool, response.body);
    }
    response.body = body;
    response.capacity = capacity;
    return true;
}

// Of a subrequest, which is a part of another response, nginx says only that it has no more.
bool is_last(const ngx_http_request_t *r, const ngx_buf_t &buffer) noexcept {
    return buffer.last_buf || (r != r->main && buffer.last_in_chain);
}

// Keeps what a buffer brings, as far as it can be kept.
void keep(const RequestState &state, HeldResponse &response, const ngx_buf_t &buffer) {
    const auto size = static_cast<std::size_t>(buffer.last - buffer.pos);
    response.too_large |= response.size + size > state.conf->response_limit;
    response.is_lost |=
        !ngx_buf_in_memory(&buffer) ||
        (!response.too_large && !reserve(state.request->pool, response, response.size + size));
    if (response.too_large || response.is_lost) {
        return;
    }
    ngx_memcpy(response.body + response.size, buffer.pos, size);
    response.size += size;
}

}  // namespace

bool collect(RequestState &state, ngx_chain_t *in) {
    bool is_whole = false;
    for (; in != nullptr; in = in->next) {
        is_whole |= is_last(state.request, *in->buf);
        if (!ngx_buf_special(in->buf)) {
            keep(state, state.response, *in->buf);
        }
    }
    return is_whole;
}

void consume(ngx_chain_t *in) noexcept {
    for (; in != nullptr; in = in->next) {
        in->buf->pos = in->buf->last;
        if (in->buf->in_file) {
            in->buf->file_pos = in->buf->file_last;
        }
    }
}

}  // namespace ipfence::module
