#include "module/held_answer.hpp"

#include "module/answer.hpp"
#include "module/boundary.hpp"
#include "module/outcome.hpp"
#include "module/response_judgement.hpp"
#include "module/shared_store.hpp"
#include "module/store_telling.hpp"

namespace ipfence::module {

namespace {

using Stage = HeldResponse::Stage;

// The one of the four bits of ngx_http_request_t's `buffered` that only the image filter uses,
// which has no business with the answers of token and authorization endpoints.
constexpr unsigned kHeldForStore = 0x08;
constexpr unsigned kOtherHolds = 0x07;

ngx_http_output_header_filter_pt header_filter_after_hold;
ngx_http_output_body_filter_pt body_filter_after_hold;

ngx_int_t send_held(RequestState &state) {
    ngx_http_request_t *r = state.request;
    HeldResponse &response = state.response;
    response.stage = Stage::done;

    const ngx_int_t rc = header_filter_after_hold(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    auto *buffer = pool_zeroed<ngx_buf_t>(r->pool);
    if (buffer == nullptr) {
        return NGX_ERROR;
    }
    if (response.size != 0) {
        buffer->start = buffer->pos = response.body;
        buffer->end = buffer->last = response.body + response.size;
        buffer->memory = 1;
    }
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    ngx_chain_t out{buffer, nullptr};
    return body_filter_after_hold(r, &out);
}

// Of an answer without a status line nginx takes the version for the client's, who would get no
// header of the gate's either.
void restore_version(ngx_http_request_t *r) noexcept {
    if (r->http_version < NGX_HTTP_VERSION_10) {
        r->http_version = r->http_major * 1000U + r->http_minor;
    }
}

ngx_int_t replace(RequestState &state, Reason reason) {
    ngx_http_request_t *r = state.request;
    const Answer answer = answer_for(state.kind, reason);
    state.response.stage = Stage::done;
    state.denied = true;
    restore_version(r);
    if (has_error_page(r, answer)) {
        // Whoever ends a response hands the status on to nginx, which then shows the page.
        ngx_http_clean_header(r);
        return static_cast<ngx_int_t>(answer.status);
    }

    // Nothing of the provider's response survives: no cookie, no location, no trailer (I10).
    ngx_http_clean_header(r);
    ngx_chain_t *body = prepare_answer(r, answer);
    if (body == nullptr) {
        return NGX_ERROR;
    }
    const ngx_int_t rc = header_filter_after_hold(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    return body_filter_after_hold(r, body);
}

// What the store does not know, another node would not know: it is as good as not issued.
ngx_int_t withhold(RequestState &state) {
    const auto judgement = state.verdict ? state.verdict->judgement : std::nullopt;
    state.withholds_verdict = false;
    state.is_verdict_unpublished = false;
    revoke_answer(state);
    record_response_verdict(state, Outcome::deny, Reason::store_unavailable, judgement);
    return replace(state, Reason::store_unavailable);
}

ngx_int_t let_go(RequestState &state, bool is_told) {
    const SharedStore *store = main_configuration(state.request)->store;
    if (!is_told && store->settings().on_failure == StoreFailure::deny) {
        return withhold(state);
    }
    publish_verdict(state);
    return send_held(state);
}

void store_was_told(RequestState &state, bool is_told) noexcept {
    ngx_http_request_t *r = state.request;
    ngx_connection_t *connection = r->connection;
    ngx_http_set_log_request(connection->log, r);
    r->buffered = r->buffered & kOtherHolds;
    const ngx_int_t rc = boundary(connection->log, static_cast<ngx_int_t>(NGX_ERROR),
                                  [&] { return let_go(state, is_told); });
    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(connection);
}

ngx_int_t hold_for_store(RequestState &state) {
    switch (tell_store(state, store_was_told)) {
        case StoreErrands::Begun::told:
            return let_go(state, true);
        case StoreErrands::Begun::failed:
            return let_go(state, false);
        case StoreErrands::Begun::running:
            break;
    }
    ngx_http_request_t *r = state.request;
    r->buffered = (r->buffered & kOtherHolds) | kHeldForStore;
    return NGX_OK;
}

}  // namespace

void send_answers_through(ngx_http_output_header_filter_pt header,
                          ngx_http_output_body_filter_pt body) noexcept {
    header_filter_after_hold = header;
    body_filter_after_hold = body;
}

ngx_int_t deny_by_header(RequestState &state) {
    ngx_http_request_t *r = state.request;
    HeldResponse &response = state.response;
    const Answer answer = answer_for(state.kind, state.verdict->reason);
    state.denied = true;
    response.stage = Stage::done;
    // A filter of nginx's that answers with a page of its own (412) hears no status for the header
    // of that, and goes on to its body.
    const bool is_within_page = r->filter_finalize != 0;
    if (is_within_page || !has_error_page(r, answer)) {
        r->error_page = 1;  // the gate's words are no page: nginx shall look for none
        response.mode = HeldResponse::Mode::hold;
        response.stage = is_within_page ? Stage::collecting : Stage::waiting;
        response.is_denied = true;
    }
    restore_version(r);
    ngx_http_clean_header(r);
    return is_within_page ? NGX_OK : static_cast<ngx_int_t>(answer.status);
}

ngx_int_t refuse_answer(RequestState &state, Reason reason) {
    if (state.response.is_denied) {
        return replace(state, state.verdict->reason);
    }
    if (reason == Reason::response_incomplete) {
        revoke_answer(state);  // of which all may be here but its end
    }
    record_response_verdict(state, Outcome::deny, reason);
    return replace(state, reason);
}

ngx_int_t conclude_answer(RequestState &state) {
    if (state.response.is_denied) {
        return replace(state, state.verdict->reason);
    }
    if (state.response.request_too_large) {
        return refuse_answer(state, Reason::request_too_large);
    }
    state.withholds_verdict = main_configuration(state.request)->store != nullptr;
    const Outcome outcome = judge_response(state);
    if (outcome == Outcome::allow) {
        return hold_for_store(state);
    }
    publish_verdict(state);
    tell_store_behind(state);
    return replace(state, state.verdict->reason);
}

}  // namespace ipfence::module
