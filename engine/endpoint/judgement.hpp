#pragma once

#include "engine/decision/decision.hpp"

namespace ipfence {

/// A decision together with the request that it answers, as the audit log shows both.
struct Judgement {
    DecisionRequest request;
    Decision decision;
};

/// Decides a request.
inline Judgement judge(const Policy &policy, const DecisionRequest &request) noexcept {
    return {request, decide(policy, request)};
}

}  // namespace ipfence
