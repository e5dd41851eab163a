#include "module/hold.hpp"

#include "module/access_answer.hpp"
#include "module/boundary.hpp"
#include "module/end_of_request.hpp"
#include "module/held_answer.hpp"
#include "module/kept_body.hpp"
#include "module/observed_answer.hpp"
#include "module/part_of_parent.hpp"
#include "module/response_judgement.hpp"
#include "module/store_telling.hpp"
#include "module/upstream_end.hpp"
#include "module/whole_answer.hpp"

namespace ipfence::module {

namespace {

using Mode = HeldResponse::Mode;
using Stage = HeldResponse::Stage;

auto next_header_filter = c_function(ngx_http_output_header_filter_pt{});
auto next_body_filter = c_function(ngx_http_output_body_filter_pt{});

bool is_watched(const RequestState *state) noexcept {
    return state != nullptr && state->response.mode != Mode::none &&
           state->response.stage != Stage::done;
}

// A response that gives up HTTP for another protocol has no body to judge.
bool switches_protocols(ngx_http_request_t *r) noexcept {
    return r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS;
}

ngx_int_t end_held_body(RequestState &state, bool is_whole) {
    const HeldResponse &response = state.response;
    if (response.is_lost) {
        return refuse_answer(state, Reason::internal_error);
    }
    return is_whole || response.too_large ? conclude_answer(state)
                                          : refuse_answer(state, Reason::response_incomplete);
}

ngx_int_t hold_body(RequestState &state, ngx_chain_t *in) {
    ngx_http_request_t *r = state.request;
    const HeldResponse &response = state.response;
    if (in == nullptr) {
        return NGX_OK;
    }
    if (response.stage == Stage::waiting) {
        // A body whose header was never sent belongs to nothing that can be judged.
        return NGX_ERROR;
    }

    const bool is_whole = collect(state, in);
    consume(in);
    if (is_whole || upstream_broke_off(r, in)) {
        return end_held_body(state, is_whole);
    }
    if (response.too_large || response.is_lost) {
        break_off_upstream(r);
    }
    return NGX_OK;
}

// The answer to the gate's own subrequest: kept for whoever asked, and sent to nobody.
ngx_int_t capture_body(RequestState &state, ngx_chain_t *in) {
    HeldResponse &response = state.response;
    const bool is_whole = collect(state, in);
    consume(in);
    if (is_whole) {
        response.stage = Stage::done;
    } else if (response.too_large) {
        break_off_upstream(state.request);
    }
    return response.is_lost ? NGX_ERROR : NGX_OK;
}

ngx_int_t observe_body(RequestState &state, ngx_chain_t *in) {
    HeldResponse &response = state.response;
    if (in != nullptr && response.stage == Stage::collecting) {
        const bool is_whole = collect(state, in);
        if (is_whole || response.is_lost) {
            response.stage = Stage::done;
            (void)judge_response(state);
            tell_store_behind(state);
        }
    }
    return next_body_filter(state.request, in);
}

ngx_int_t pass_on_header(RequestState &state) {
    {
        const LearningScope scope(state);
        learn_from_header(state);
    }
    tell_store_behind(state);
    return next_header_filter(state.request);
}

ngx_int_t begin_response(RequestState &state) {
    ngx_http_request_t *r = state.request;
    HeldResponse &response = state.response;

    if (response.mode == Mode::names) {
        response.stage = Stage::done;
        const bool passes = judge_names_of_answer(state) == Outcome::allow || !state.is_enforced;
        return passes ? pass_on_header(state) : deny_by_header(state);
    }
    if (response.mode == Mode::header) {
        response.stage = Stage::done;
        return pass_on_header(state);
    }
    response.stage = Stage::collecting;
    response.size = 0;
    response.too_large = false;
    response.is_lost = false;
    {
        const LearningScope scope(state);
        note_response_header(state);
    }
    r->filter_need_in_memory = 1;

    if (response.mode != Mode::hold) {
        return next_header_filter(r);
    }
    // nginx cuts ranges out of a body before the gate sees it, and this one it sees only
    // afterwards: the header would announce a part, and all of it follow.
    r->allow_ranges = 0;
    if (switches_protocols(r)) {
        (void)record_unreadable(state, "it gives up HTTP for another protocol");
        return deny_by_header(state);
    }
    return NGX_OK;
}

ngx_int_t filter_watched_header(RequestState &state) noexcept {
    ngx_http_request_t *r = state.request;
    const auto failure = static_cast<ngx_int_t>(NGX_HTTP_INTERNAL_SERVER_ERROR);
    bool has_failed = true;
    const ngx_int_t rc = boundary(r->connection->log, failure, [&] {
        const ngx_int_t result = begin_response(state);
        has_failed = false;
        return result;
    });
    if (has_failed) {
        ngx_http_clean_header(r);  // what nginx answers instead has the fields that are there
    }
    return rc;
}

// A further slice of an answer goes straight to the client, behind the header of the first, which
// is all that can be judged: there is none of an answer that is held, or was denied by its header.
bool is_slice_of_withheld(ngx_http_request_t *r) noexcept {
    if (!is_part_of_parent(r) || r->background) {
        return false;
    }
    const RequestState *whole = find_state(r->parent);
    return whole != nullptr && whole->response.mode == Mode::hold;
}

[[gnu::noinline]] ngx_int_t filter_seen_header(ngx_http_request_t *r) noexcept {
    RequestState *state = find_state(r);
    if (state == nullptr && is_slice_of_withheld(r)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence: an answer that is to be judged comes in slices; write \"slice 0\" "
                      "in its location");
        return NGX_ERROR;
    }
    return is_watched(state) ? filter_watched_header(*state) : next_header_filter(r);
}

// The filters see every response of nginx: of most of them, they do no more than ask this.
bool may_be_watched(const ngx_http_request_t *r) noexcept {
    const RequestState *state = state_in_context(r);
    return state != nullptr ? is_watched(state) : !is_unseen(r);
}

ngx_int_t filter_header(ngx_http_request_t *r) noexcept {
    return may_be_watched(r) ? filter_seen_header(r) : next_header_filter(r);
}

ngx_int_t filter_watched_body(RequestState &state, ngx_chain_t *in) noexcept {
    ngx_log_t *log = state.request->connection->log;
    return boundary(log, static_cast<ngx_int_t>(NGX_ERROR), [&] {
        switch (state.response.mode) {
            case Mode::hold:
                return hold_body(state, in);
            case Mode::capture:
                return capture_body(state, in);
            default:
                return observe_body(state, in);
        }
    });
}

[[gnu::noinline]] ngx_int_t filter_seen_body(ngx_http_request_t *r, ngx_chain_t *in) noexcept {
    RequestState *state = find_state(r);
    return is_watched(state) ? filter_watched_body(*state, in) : next_body_filter(r, in);
}

ngx_int_t filter_body(ngx_http_request_t *r, ngx_chain_t *in) noexcept {
    return may_be_watched(r) ? filter_seen_body(r, in) : next_body_filter(r, in);
}

#if (nginx_version >= 1029000)

auto next_early_hints_filter = c_function(ngx_http_output_header_filter_pt{});

// `early_hints`: what is held or judged by its header leaves whole, or not at all.
ngx_int_t filter_early_hints(ngx_http_request_t *r) noexcept {
    const RequestState *state = find_state(r);
    const bool is_to_be_judged =
        is_watched(state) && state->is_enforced &&
        (state->response.mode == Mode::hold || state->response.mode == Mode::names);
    return is_to_be_judged ? NGX_OK : next_early_hints_filter(r);
}

#endif

}  // namespace

bool hold_response(RequestState &state) {
    watch_end_of_request(state);
    state.response.stage = Stage::waiting;  // here may be where an answer led that is done with
    if (!state.is_enforced) {
        state.response.mode = Mode::observe;
        return true;
    }
    state.response.mode = Mode::hold;
    return ask_for_whole_answer(state.request);
}

void install_response_filters() noexcept {
    next_header_filter = c_function(ngx_http_top_header_filter);
    ngx_http_top_header_filter = filter_header;
    next_body_filter = c_function(ngx_http_top_body_filter);
    send_answers_through(next_header_filter, next_body_filter);
    ngx_http_top_body_filter = filter_body;
#if (nginx_version >= 1029000)
    next_early_hints_filter = c_function(ngx_http_top_early_hints_filter);
    ngx_http_top_early_hints_filter = filter_early_hints;
#endif
}

}  // namespace ipfence::module
