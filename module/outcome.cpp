#include "module/outcome.hpp"

#include "module/answer.hpp"
#include "module/audit.hpp"

namespace ipfence::module {

namespace {

void record(RequestState &state, const Verdict &verdict) {
    state.verdict = verdict;
    write_audit_line(state);
}

// A token client reads JSON (RFC 6749, section 5.2). For the others nginx's own page, or what
// error_page has in its place, says 403.
ngx_int_t answer(RequestState &state, const TokenAnswer &token_answer) {
    ngx_http_request_t *r = state.request;
    if (state.kind != NGX_HTTP_IPFENCE_TOKEN || r != r->main) {
        return NGX_HTTP_FORBIDDEN;
    }
    state.response.stage = HeldResponse::Stage::done;
    ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc == NGX_OK) {
        rc = send_token_answer(r, token_answer);
    }
    ngx_http_finalize_request(r, rc);
    return NGX_DONE;
}

ngx_int_t turn_away(RequestState &state, Reason reason, const TokenAnswer &token_answer,
                    const std::optional<Judgement> &judgement) {
    // Monitor mode of where a denied request was redirected to does not lift its denial.
    const bool enforced = is_enforced(*state.conf) || reason == Reason::already_denied;
    record(state, Verdict{Phase::request, Outcome::deny, reason, enforced, judgement});
    if (!enforced) {
        state.stamp();
        return NGX_DECLINED;
    }
    state.denied = true;
    return answer(state, token_answer);
}

}  // namespace

ngx_int_t allow(RequestState &state, Reason reason, const std::optional<Judgement> &judgement) {
    record(state,
           Verdict{Phase::request, Outcome::allow, reason, is_enforced(*state.conf), judgement});
    state.stamp();
    return NGX_DECLINED;
}

ngx_int_t forward_undecided(RequestState &state) {
    state.stamp();
    return NGX_DECLINED;
}

ngx_int_t deny(RequestState &state, const Judgement &judgement) {
    const Reason reason = judgement.decision.reason;
    return turn_away(state, reason, token_answer_for(reason), judgement);
}

ngx_int_t refuse(RequestState &state, const Refused &refused,
                 const std::optional<Judgement> &judgement) {
    return turn_away(state, refused.reason, token_answer_for(refused.reason, refused.description),
                     judgement);
}

void record_response_verdict(RequestState &state, Outcome outcome, Reason reason,
                             const std::optional<Judgement> &judgement) {
    record(state, Verdict{Phase::response, outcome, reason, is_enforced(*state.conf), judgement});
}

}  // namespace ipfence::module
