#pragma once

#include <optional>

#include "module/request_state.hpp"

namespace ipfence::module {

/// Whether the candidate checks requests inside a session where the policy in force does not. They
/// are then looked at for its sake, and nothing that is found may keep one from passing.
bool is_continuous_by_candidate_only(const RequestState &state);

/// What `ipfence_candidate` decides of what `verdict` is about: the request as the policy in force
/// understood it, its app and user as they were found. Empty: there is no candidate, or the verdict
/// is one that no policy has a say in.
std::optional<Decision> decide_by_candidate(const RequestState &state, const Verdict &verdict);

/// Whether the candidate would have let through what was denied, or the other way round.
inline bool is_flip(const Verdict &verdict) noexcept {
    return verdict.candidate && verdict.candidate->outcome != verdict.outcome;
}

}  // namespace ipfence::module
