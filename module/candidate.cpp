#include "module/candidate.hpp"

namespace ipfence::module {

namespace {

bool is_inside_session(Operation operation) noexcept {
    return operation != Operation::login && operation != Operation::refresh;
}

}  // namespace

bool is_continuous_by_candidate_only(const RequestState &state) {
    const Policy *candidate = state.candidate();
    return candidate != nullptr && candidate->organization().continuous_ip_enforcement &&
           !state.policy().organization().continuous_ip_enforcement;
}

std::optional<Decision> decide_by_candidate(const RequestState &state, const Verdict &verdict) {
    const Policy *candidate = state.candidate();
    const std::optional<Judgement> &judgement = verdict.judgement;
    if (candidate == nullptr || !judgement || verdict.reason != judgement->decision.reason) {
        return std::nullopt;
    }
    if (!is_inside_session(judgement->request.operation)) {
        return decide(*candidate, judgement->request);
    }
    // A session may be one of several apps: each policy has looked for the strictest itself.
    return state.candidate_judgement ? std::optional(state.candidate_judgement->decision)
                                     : std::nullopt;
}

}  // namespace ipfence::module
