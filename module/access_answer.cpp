#include "module/access_answer.hpp"

#include "module/access_gate.hpp"
#include "module/configured_values.hpp"
#include "module/response_judgement.hpp"
#include "module/session_judgement.hpp"

namespace ipfence::module {

namespace {

bool is_of_the_same(const Judgement &judgement, const std::optional<Verdict> &verdict) noexcept {
    return verdict && verdict->judgement &&
           verdict->judgement->request.user == judgement.request.user &&
           verdict->judgement->request.app == judgement.request.app;
}

// To nginx it is the answer, and the provider's own, with the names in it, a part of its body.
bool is_interim(ngx_uint_t status) noexcept {
    return status < NGX_HTTP_OK && status != NGX_HTTP_SWITCHING_PROTOCOLS;
}

Outcome judge_names(RequestState &state) {
    ngx_http_request_t *r = state.request;
    AccessFacts &facts = state.access->facts;
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        return record_unreadable(state, kUnusableName);
    }
    if (names.app == facts.assured_app && names.user == facts.assured_user) {
        return Outcome::allow;
    }
    facts.assured_app = names.app;
    facts.assured_user = names.user;
    if (const Policy *candidate = state.candidate()) {
        state.candidate_judgement = judge_credentials(state, *candidate);
    }
    const auto judgement = judge_credentials(state, state.policy());
    return !judgement || is_of_the_same(*judgement, state.verdict) ? Outcome::allow
                                                                   : record_kept(state, *judgement);
}

}  // namespace

void watch_for_names(RequestState &state) noexcept {
    if (state.conf->apps != nullptr || state.conf->users != nullptr) {
        state.response.mode = HeldResponse::Mode::names;
        state.response.stage = HeldResponse::Stage::waiting;
    }
}

Outcome judge_names_of_answer(RequestState &state) {
    return is_interim(state.request->headers_out.status)
               ? record_unreadable(state, "it is an interim answer, or has no status line")
               : judge_names(state);
}

Outcome judge_names_of_left_answer(RequestState &state) {
    const bool is_watched = state.response.mode == HeldResponse::Mode::names &&
                            state.response.stage == HeldResponse::Stage::waiting;
    return is_watched ? judge_names(state) : Outcome::allow;
}

}  // namespace ipfence::module
