#include "module/end_of_request.hpp"

#include <new>

#include "module/boundary.hpp"
#include "module/outcome.hpp"
#include "module/request_state.hpp"
#include "module/response_judgement.hpp"
#include "module/store_telling.hpp"

namespace ipfence::module {

namespace {

using Stage = HeldResponse::Stage;

bool has_client_left(const ngx_http_request_t *r) noexcept {
    return r->connection->error || r->connection->timedout ||
           r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST;
}

// nginx calls it before it writes the access log.
void end_request(void *data) noexcept {
    auto &state = *static_cast<RequestState *>(data);
    state.is_end_watched = false;
    (void)boundary(state.request->connection->log, static_cast<ngx_int_t>(NGX_OK), [&] {
        if (state.awaits_verdict()) {
            record_end_of_answer(state);
        } else if (state.response.request_too_large && !state.verdict) {
            record_response_verdict(state, Outcome::deny, Reason::request_too_large);
        }
        tell_store_behind(state);  // of what was learned before the answer broke off
        return static_cast<ngx_int_t>(NGX_OK);
    });
}

}  // namespace

void record_end_of_answer(RequestState &state) {
    const bool is_header_only =
        state.response.stage == Stage::collecting && state.request->header_only;
    state.response.stage = Stage::done;
    state.withholds_verdict = false;
    if (is_header_only) {
        (void)judge_response(state);  // all that there is of it is here
        tell_store_behind(state);
        return;
    }
    record_response_verdict(
        state, Outcome::deny,
        has_client_left(state.request) ? Reason::client_left : Reason::response_incomplete);
}

// A LOG handler would be asked at the end of every request of nginx's, and after the access log.
void watch_end_of_request(RequestState &state) {
    if (state.is_end_watched) {
        return;
    }
    ngx_http_cleanup_t *cleanup = ngx_http_cleanup_add(state.request, 0);
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    cleanup->handler = end_request;
    cleanup->data = &state;
    state.is_end_watched = true;
}

}  // namespace ipfence::module
