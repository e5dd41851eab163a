#include "engine/decision/decision.hpp"
#include "engine/decision/look_up.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

Decision decide(const Policy &policy, const DecisionRequest &request) noexcept {
    Decision decision;
    NoTrace trace;
    Steps(policy, request, look_up(policy, request), trace, decision).take();
    return decision;
}

}  // namespace ipfence
