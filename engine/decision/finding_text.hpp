#pragma once

#include <string>

#include "engine/decision/decision.hpp"
#include "engine/decision/finding.hpp"

namespace ipfence {

/// The number, in semantics.md, of the step that finds this.
unsigned step_of(Finding finding) noexcept;

/// What was found, in a sentence about this request and the decision that came of it.
std::string finding_text(Finding finding, const DecisionRequest &request, const Decision &decision);

}  // namespace ipfence
