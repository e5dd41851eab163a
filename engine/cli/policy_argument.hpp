#pragma once

#include <memory>
#include <string>

#include "engine/policy/load_policy.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence::cli {

/// Says on standard error what is wrong with what was loaded, and then what is odd.
void print_diagnostics(const PolicyLoad &load);

/// Loads the policy that an argument names; null, with every error on standard error, when it has a
/// fault.
std::unique_ptr<const Policy> load_policy_argument(const std::string &file);

}  // namespace ipfence::cli
