#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "module/request_state.hpp"

namespace ipfence::module {

// What a verdict says, in the words that the audit log and the variables share. All of these may be
// empty; views are literals, the policy's or the request's.

/// Room for a rule's text; a longer one is cut.
using RuleText = std::array<char, 512>;

/// The decision's request; where there was no decision, what is known of it; else nothing.
std::optional<DecisionRequest> request_of(const RequestState &state) noexcept;

/// App and user of what `request_of` said.
std::string_view app_of(const std::optional<DecisionRequest> &request) noexcept;
std::string_view user_of(const RequestState &state,
                         const std::optional<DecisionRequest> &request) noexcept;

std::string_view profile_of(const Verdict &verdict) noexcept;
std::string_view rule_of(const Verdict &verdict, RuleText &storage) noexcept;

/// The same of a decision alone, as of the candidate's.
std::string_view profile_of(const std::optional<Decision> &decision) noexcept;
std::string_view rule_of(const std::optional<Decision> &decision, RuleText &storage) noexcept;

/// `allow`, `deny`, or `would_deny` for a denial that monitor mode does not carry out.
std::string_view decision_of(const Verdict &verdict) noexcept;

}  // namespace ipfence::module
