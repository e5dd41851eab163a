#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/decision.hpp"
#include "engine/result.hpp"

namespace ipfence::cli {

/// What somebody expects of a policy, as a line of a file of cases says it.
struct PolicyCase {
    std::vector<std::string> words;  ///< owns what `request` points to
    DecisionRequest request;
    Outcome outcome = Outcome::deny;
    std::optional<Reason> reason;     ///< empty: any
    std::optional<std::string> rule;  ///< empty: any
};

/// Reads `allow|deny OPERATION [NAME=VALUE|refreshed|device_activated]…` with the names `user`,
/// `app`, `ip`, `flow`, `profile_claim`, `reason` and `rule`; a value with spaces stands in double
/// quotes. What follows a `#` at the beginning of a word is a comment. Empty optional: there is
/// nothing but that. An error says what is wrong.
Result<std::optional<PolicyCase>> parse_policy_case(std::string_view line);

}  // namespace ipfence::cli
