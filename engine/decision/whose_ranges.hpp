#pragma once

#include "engine/decision/decision.hpp"
#include "engine/decision/finding.hpp"
#include "engine/decision/look_up.hpp"

namespace ipfence {

/// The answer to step 2 of semantics.md. `profile` is null where the user is not identified, where
/// the claimed profile is missing, and where the policy's `default_profile` is null.
struct WhoseRanges {
    Finding finding;
    const Profile *profile = nullptr;
};

/// Asks step 2's question of a request whose names were looked up.
WhoseRanges whose_ranges(const Policy &policy, const DecisionRequest &request,
                         const LookedUp &looked_up) noexcept;

}  // namespace ipfence
