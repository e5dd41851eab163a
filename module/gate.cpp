#include "module/gate.hpp"

#include "module/access_answer.hpp"
#include "module/access_gate.hpp"
#include "module/authorization_gate.hpp"
#include "module/boundary.hpp"
#include "module/cookies.hpp"
#include "module/detection.hpp"
#include "module/end_of_request.hpp"
#include "module/held_answer.hpp"
#include "module/kind.hpp"
#include "module/observed_gate.hpp"
#include "module/other_readings.hpp"
#include "module/outcome.hpp"
#include "module/protocol_change.hpp"
#include "module/request_state.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

bool was_denied(ngx_http_request_t *r) noexcept {
    const RequestState *state = find_state(r->main);
    return state != nullptr && state->denied;
}

bool is_of_gate(ngx_http_request_t *r) noexcept {
    const RequestState *state = (r == r->main) ? nullptr : find_state(r);
    return state != nullptr && state->is_of_gate();
}

// A variable said so, for this URI, or the location, where no parameters say otherwise: that is a
// decision. It does not lift a denial, which the guard still sees, and an error page that is served
// from here does no harm.
ngx_int_t leave_alone(RequestState &state) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(state.request);
    if (conf->kind == NGX_HTTP_IPFENCE_VARIABLE || conf->kind_is_here) {
        state.stamp();
    }
    return NGX_DECLINED;
}

// What is wrong with a request whatever kind it is of.
std::optional<Refused> refuse_any_kind(RequestState &state, const DetectedKind &detected,
                                       bool denied) {
    if (denied) {
        return Refused{Reason::already_denied, {}};
    }
    if (detected.refused) {
        return detected.refused;
    }
    // Of a path that a map refuses, that is what is said.
    if (detected.kind != NGX_HTTP_IPFENCE_UNKNOWN && has_fragment(state.request)) {
        return kFragment;
    }
    if (!state.has_one_reading) {
        if (const auto refused = ensure_one_reading(state.request, state.is_enforced)) {
            return refused;
        }
        state.has_one_reading = true;
    }
    // Which cookies are those of sessions, each location says for itself.
    if (has_too_many_sessions(state.request)) {
        return Refused{Reason::ambiguous_request, "the session cookies have too many readings"};
    }
    return std::nullopt;
}

// Whether nginx has redirected the request away from an answer of the place that it came from.
// Before `try_files` leads on, as where a file is not there, nobody was asked for one.
bool has_left_answer(const RequestState &state, ngx_http_ipfence_kind_e kind) noexcept {
    return state.awaits_verdict() && state.request->upstream != nullptr &&
           !state.is_at(kind, location_configuration(state.request));
}

ngx_int_t gate_by_kind(RequestState &state) {
    switch (state.kind) {
        case NGX_HTTP_IPFENCE_TOKEN:
            return gate_token_request(state);
        case NGX_HTTP_IPFENCE_AUTHORIZATION:
            return gate_authorization_request(state);
        case NGX_HTTP_IPFENCE_RESOURCE:
        case NGX_HTTP_IPFENCE_PASSWORD_CHANGE:
        case NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION:
        case NGX_HTTP_IPFENCE_LOGIN_FLOW:
            return gate_access_request(state);
        case NGX_HTTP_IPFENCE_VERIFICATION:
        case NGX_HTTP_IPFENCE_REVOCATION:
        case NGX_HTTP_IPFENCE_LOGOUT:
            return gate_observed_request(state);
        default:
            return refuse(state, {Reason::kind_unknown, {}});
    }
}

ngx_int_t pass_through_gate(ngx_http_request_t *r) {
    RequestState *state = find_or_make_state(r);
    if (state == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_http_ipfence_kind_e of_path = kind_of_request(r);
    if (state->conf == nullptr && detects(*location_configuration(r))) {
        state->enter(of_path, location_configuration(r));  // a body may be read before it is known
    }
    const bool denied = was_denied(r);
    const DetectedKind detected = denied ? DetectedKind{.refused = std::nullopt, .kind = of_path}
                                         : detect_kind(*state, of_path);
    if (detected.is_pending) {
        return detected.rc;
    }
    const ngx_http_ipfence_kind_e kind = detected.kind;
    if (kind == NGX_HTTP_IPFENCE_OFF && !detected.refused) {
        return leave_alone(*state);
    }

    if (has_left_answer(*state, kind)) {
        record_end_of_answer(*state);
    }
    state->enter(kind, location_configuration(r));
    if (const auto refused = refuse_any_kind(*state, detected, denied)) {
        return refuse(*state, *refused);
    }
    if (state->is_enforced) {
        keep_to_this_http(r);
    }
    return gate_by_kind(*state);
}

// Whether nginx has left an answer for this place that names somebody whom it is not for.
bool denies_left_answer(RequestState &state) {
    return !state.denied && judge_names_of_left_answer(state) == Outcome::deny && state.is_enforced;
}

// Of a body that outgrew its limit while nginx read it, before the operator's page for that is
// found.
void record_outgrown_body(RequestState &state) {
    const HeldResponse &response = state.response;
    if (response.request_too_large && response.mode == HeldResponse::Mode::none && !state.verdict) {
        record_response_verdict(state, Outcome::deny, Reason::request_too_large);
    }
}

ngx_int_t come_to_gate(ngx_http_request_t *r) {
    if (r->internal) [[unlikely]] {
        RequestState *state = find_state(r);
        if (state != nullptr) {
            record_outgrown_body(*state);
        }
        if (state != nullptr && denies_left_answer(*state)) {
            return deny_by_header(*state);
        }
        if (location_configuration(r)->is_off) {
            return NGX_DECLINED;
        }
    }
    return pass_through_gate(r);
}

[[gnu::noinline]] ngx_int_t enter_gate(ngx_http_request_t *r) noexcept {
    if (is_of_gate(r)) {
        return NGX_DECLINED;
    }
    return boundary(r->connection->log, static_cast<ngx_int_t>(NGX_HTTP_INTERNAL_SERVER_ERROR),
                    [r] { return come_to_gate(r); });
}

}  // namespace

ngx_int_t gate_handler(ngx_http_request_t *r) noexcept {
    const bool is_passed_by = location_configuration(r)->is_off && !r->internal;
    return is_passed_by ? static_cast<ngx_int_t>(NGX_DECLINED) : enter_gate(r);
}

}  // namespace ipfence::module
