#include "module/verdict_text.hpp"

#include "module/token_gate.hpp"

namespace ipfence::module {

KnownRequest::KnownRequest(const TokenAttempt &attempt) noexcept
    : put_together_(decision_request_of(attempt.facts, {})), request_(&*put_together_) {}

std::string_view decision_of(const Verdict &verdict) noexcept {
    if (verdict.outcome == Outcome::deny && !verdict.enforced) {
        return "would_deny";
    }
    return name_of(verdict.outcome);
}

}  // namespace ipfence::module
