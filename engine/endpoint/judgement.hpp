#pragma once

#include <string_view>

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

/// Whether the policy lists a user by this very name.
inline bool is_listed(const Policy &policy, std::string_view user) noexcept {
    return !user.empty() && policy.find_user(user) != nullptr;
}

/// Whether nothing but the policy says which profile a user has: a claim of a token may yet name
/// that of one whom the policy does not list.
inline bool profile_is_known(const Policy &policy, std::string_view user) noexcept {
    return policy.organization().profile_claim.empty() || is_listed(policy, user);
}

}  // namespace ipfence
