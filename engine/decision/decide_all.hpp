#pragma once

#include <span>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// Decides each request as `decide` does, into the decision of the same index; there are as many of
/// both. Of many requests it waits for memory together, so that in a large organization it takes a
/// fraction of the time: this is for whoever links the engine and has many at a time, as its
/// benchmark has. The command line and the module have one.
void decide_all(const Policy &policy, std::span<const DecisionRequest> requests,
                std::span<Decision> decisions) noexcept;

}  // namespace ipfence
