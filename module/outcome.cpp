#include "module/outcome.hpp"

#include <utility>

#include "module/answer.hpp"
#include "module/audit.hpp"
#include "module/candidate.hpp"
#include "module/reminder.hpp"
#include "module/status_board.hpp"

namespace ipfence::module {

namespace {

void publish(RequestState &state) {
    if (state.verdict->reason != Reason::observed) {
        count_verdict(state);
        remind_of_what_is_not_enforced(state);
        if (is_audited(*state.conf)) {
            write_audit_line(state);  // a line a decision, and there was none
        }
    }
}

// Made where it stays: it is as large as all that was decided, and of.
void record(RequestState &state, Phase phase, Outcome outcome, Reason reason, bool enforced,
            const std::optional<Judgement> &judgement) {
    Verdict &verdict = state.verdict.emplace(phase, outcome, reason, enforced, judgement);
    if (state.conf->candidate != nullptr) {
        verdict.candidate = decide_by_candidate(state, verdict);
    }
    state.is_verdict_unpublished = state.withholds_verdict;
    if (!state.withholds_verdict) {
        publish(state);
    }
}

// A subrequest has no client to answer; and where nginx has an error_page for it, that page.
ngx_int_t answer(RequestState &state, const Answer &answer) {
    ngx_http_request_t *r = state.request;
    if (r->internal) {
        ngx_http_clean_header(r);  // nginx keeps cookies of an answer that it has left
    }
    if (r != r->main) {
        prepare_status(r, answer);
    }
    if (r != r->main || state.kind == NGX_HTTP_IPFENCE_UNKNOWN || has_error_page(r, answer)) {
        return static_cast<ngx_int_t>(state.kind == NGX_HTTP_IPFENCE_UNKNOWN ? NGX_HTTP_FORBIDDEN
                                                                             : answer.status);
    }
    state.response.stage = HeldResponse::Stage::done;
    ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc == NGX_OK) {
        rc = send_answer(r, answer);
    }
    ngx_http_finalize_request(r, rc);
    return NGX_DONE;
}

ngx_int_t turn_away(RequestState &state, Reason reason, std::string_view description,
                    const std::optional<Judgement> &judgement) {
    // Monitor mode of where a denied request was redirected to does not lift its denial.
    const bool enforced = state.is_enforced || reason == Reason::already_denied;
    record(state, Phase::request, Outcome::deny, reason, enforced, judgement);
    if (!enforced) {
        state.stamp();
        return NGX_DECLINED;
    }
    state.denied = true;
    return answer(state, answer_for(state.kind, reason, description));
}

}  // namespace

ngx_int_t allow(RequestState &state, Reason reason, const std::optional<Judgement> &judgement) {
    record(state, Phase::request, Outcome::allow, reason, state.is_enforced, judgement);
    state.stamp();
    return NGX_DECLINED;
}

ngx_int_t forward_undecided(RequestState &state) {
    state.stamp();
    return NGX_DECLINED;
}

ngx_int_t deny(RequestState &state, const Judgement &judgement) {
    return turn_away(state, judgement.decision.reason, {}, judgement);
}

ngx_int_t refuse(RequestState &state, const Refused &refused,
                 const std::optional<Judgement> &judgement) {
    return turn_away(state, refused.reason, refused.description, judgement);
}

Outcome record_response_verdict(RequestState &state, Outcome outcome, Reason reason,
                                const std::optional<Judgement> &judgement) {
    // While nginx still read the request, nobody had asked the provider.
    const Phase phase = state.response.request_too_large ? Phase::request : Phase::response;
    record(state, phase, outcome, reason, state.is_enforced, judgement);
    return outcome;
}

void publish_verdict(RequestState &state) {
    state.withholds_verdict = false;
    if (std::exchange(state.is_verdict_unpublished, false)) {
        publish(state);
    }
}

}  // namespace ipfence::module
