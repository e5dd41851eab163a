#include "module/verdict_text.hpp"

#include "module/authorization_gate.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

KnownRequest::KnownRequest(const TokenAttempt &attempt) noexcept
    : put_together_(decision_request_of(attempt.facts, {})), request_(&*put_together_) {}

std::string_view app_asked_for(const RequestState &state) noexcept {
    return state.authorization != nullptr ? state.authorization->facts.client_id
                                          : std::string_view{};
}

std::string_view decision_of(const Verdict &verdict) noexcept {
    if (verdict.outcome == Outcome::deny && !verdict.enforced) {
        return "would_deny";
    }
    return name_of(verdict.outcome);
}

}  // namespace ipfence::module
