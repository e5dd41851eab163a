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

/// The answer for a request of a user whom the policy does not list.
WhoseRanges unlisted_ranges(const Policy &policy, const DecisionRequest &request) noexcept;

/// Asks step 2's question of a request whose names were looked up.
inline WhoseRanges whose_ranges(const Policy &policy, const DecisionRequest &request,
                                const LookedUp &looked_up) noexcept {
    if (looked_up.user.empty()) {
        return {request.flow == Flow::client_credentials ? Finding::app_without_run_as
                                                         : Finding::user_unidentified};
    }
    return looked_up.profile != nullptr ? WhoseRanges{Finding::user_listed, looked_up.profile}
                                        : unlisted_ranges(policy, request);
}

}  // namespace ipfence
