#pragma once

#include <optional>
#include <string_view>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// A decision together with the request that it answers, as the audit log shows both.
struct Judgement {
    DecisionRequest request;
    Decision decision;
};

inline Judgement judge(const Policy &policy, const DecisionRequest &request) noexcept {
    return {request, decide(policy, request)};
}

/// A name as the decision takes it: the empty name names nobody.
inline std::optional<std::string_view> name_unless_empty(std::string_view name) noexcept {
    return name.empty() ? std::nullopt : std::optional(name);
}

}  // namespace ipfence
