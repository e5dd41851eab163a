#include "module/request_body.hpp"

#include "module/answer.hpp"
#include "module/end_of_request.hpp"

namespace ipfence::module {

namespace {

auto next_request_body_filter = c_function(ngx_http_request_body_filter_pt{});

void continue_with_body(ngx_http_request_t *r) noexcept {
    RequestState *state = find_state(r);
    if (state == nullptr) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }
    state->body_read = true;
    // What was judged is what the provider gets, also after a retry.
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

ngx_int_t count_request_body(RequestState &state, ngx_chain_t *in) noexcept {
    for (const ngx_chain_t *link = in; link != nullptr; link = link->next) {
        state.body_received += ngx_buf_size(link->buf);
    }
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(state.request);
    const auto limit = static_cast<off_t>(conf->body_limit);
    if (state.body_received > limit && refuses_large_bodies(state)) {
        state.response.request_too_large = true;
        // Of what nginx answers to that, the page that the operator has for it is to stay.
        const Answer answer = answer_for(state.kind, Reason::request_too_large);
        if (!has_error_page(state.request, answer)) {
            state.response.mode = HeldResponse::Mode::hold;
        }
        // Before an error_page can lead anywhere: the guard sees the denial.
        state.denied = true;
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }
    return next_request_body_filter(state.request, in);
}

[[gnu::noinline]] ngx_int_t limit_seen_body(ngx_http_request_t *r, ngx_chain_t *in) noexcept {
    RequestState *state = find_state(r);
    const bool is_for_gate = state != nullptr && state->body_requested && !state->body_read;
    return is_for_gate ? count_request_body(*state, in) : next_request_body_filter(r, in);
}

ngx_int_t limit_request_body(ngx_http_request_t *r, ngx_chain_t *in) noexcept {
    return is_unseen(r) ? next_request_body_filter(r, in) : limit_seen_body(r, in);
}

off_t size_of(const ngx_chain_t *chain) noexcept {
    off_t size = 0;
    for (; chain != nullptr; chain = chain->next) {
        size += ngx_buf_size(chain->buf);
    }
    return size;
}

bool copy(const ngx_buf_t *buffer, u_char *&to) noexcept {
    const auto size = static_cast<std::size_t>(ngx_buf_size(buffer));
    if (ngx_buf_in_memory(buffer)) {
        to = ngx_cpymem(to, buffer->pos, size);
        return true;
    }
    if (buffer->in_file) {
        const ssize_t n = ngx_read_file(buffer->file, to, size, buffer->file_pos);
        if (n != static_cast<ssize_t>(size)) {
            return false;
        }
        to += size;
    }
    return true;
}

}  // namespace

ngx_int_t read_request_body(ngx_http_request_t *r) {
    // Where it outgrows its limit while it arrives, nginx answers, and may be left before it does.
    if (RequestState *state = find_state(r);
        state != nullptr && r->headers_in.content_length_n < 0) {
        watch_end_of_request(*state);
    }
    r->request_body_in_single_buf = 1;
    const ngx_int_t rc = ngx_http_read_client_request_body(r, continue_with_body);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        // nginx discards what is left of a body that nobody began to read, but not of this one; and
        // not every answer of its own ends the connection (RFC 9112, section 9.3).
        r->keepalive = 0;
        return rc;
    }
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

off_t request_body_size(const ngx_http_request_t *r) noexcept {
    return r->request_body == nullptr ? 0 : size_of(r->request_body->bufs);
}

std::optional<std::string_view> request_body_of(ngx_http_request_t *r) {
    const ngx_chain_t *chain = (r->request_body == nullptr) ? nullptr : r->request_body->bufs;
    if (chain == nullptr) {
        return std::string_view{};
    }
    if (chain->next == nullptr && ngx_buf_in_memory(chain->buf)) {
        return std::string_view(reinterpret_cast<const char *>(chain->buf->pos),
                                static_cast<std::size_t>(ngx_buf_size(chain->buf)));
    }

    const auto size = static_cast<std::size_t>(request_body_size(r));
    auto *start = static_cast<u_char *>(ngx_pnalloc(r->pool, size));
    if (start == nullptr) {
        return std::nullopt;
    }
    u_char *end = start;
    for (; chain != nullptr; chain = chain->next) {
        if (!copy(chain->buf, end)) {
            return std::nullopt;
        }
    }
    return std::string_view(reinterpret_cast<const char *>(start), size);
}

void install_body_limit() noexcept {
    next_request_body_filter = c_function(ngx_http_top_request_body_filter);
    ngx_http_top_request_body_filter = limit_request_body;
}

}  // namespace ipfence::module
