#include "engine/decision/decision.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

namespace {

struct NoTrace {
    static constexpr void found(Finding) noexcept {}
};

}  // namespace

Decision decide(const Policy &policy, const DecisionRequest &request) noexcept {
    NoTrace trace;
    return Steps(policy, request, trace).take();
}

}  // namespace ipfence
