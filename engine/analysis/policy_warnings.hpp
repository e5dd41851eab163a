#pragma once

#include <string>
#include <vector>

#include "engine/policy/policy.hpp"

namespace ipfence {

/// What is legal in a policy and seldom meant: `apps.mobile.ip_relaxation: …`, a line each, in the
/// order of the document's sections. Of one kind of warning the first are shown, and how many more
/// there are.
std::vector<std::string> policy_warnings(const Policy &policy);

}  // namespace ipfence
