#include "engine/decision/decision.hpp"
#include "engine/decision/look_up.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

namespace {

// Of this file alone, as the steps are with it: the compiler sees that each is taken in one place,
// and makes one function of all.
struct NoTrace {
    static constexpr void found(Finding) noexcept {}
};

}  // namespace

void decide(const Policy &policy, const DecisionRequest &request, Decision &decision) noexcept {
    NoTrace trace;
    Steps(policy, request, look_up(policy, request), trace, decision).take();
}

Decision decide(const Policy &policy, const DecisionRequest &request) noexcept {
    Decision decision;
    decide(policy, request, decision);
    return decision;
}

}  // namespace ipfence
