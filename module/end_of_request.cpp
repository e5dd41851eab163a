#include "module/end_of_request.hpp"

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

[[gnu::noinline]] ngx_int_t end_request(RequestState &state) noexcept {
    if (!state.awaits_verdict() && state.store_telling == nullptr) {
        return NGX_OK;
    }
    return boundary(state.request->connection->log, static_cast<ngx_int_t>(NGX_OK), [&] {
        if (state.awaits_verdict()) {
            record_end_of_answer(state);
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
        has_client_left(state.request) ? Reason::client_left : Reason::response_incomplete,
        std::nullopt);
}

ngx_int_t end_of_request_handler(ngx_http_request_t *r) noexcept {
    RequestState *state = find_state(r);
    return state == nullptr ? static_cast<ngx_int_t>(NGX_OK) : end_request(*state);
}

}  // namespace ipfence::module
