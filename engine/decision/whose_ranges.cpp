#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

WhoseRanges whose_ranges(const Policy &policy, const DecisionRequest &request,
                         const LookedUp &looked_up) noexcept {
    if (looked_up.user.empty()) {
        return {request.flow == Flow::client_credentials ? Finding::app_without_run_as
                                                         : Finding::user_unidentified};
    }
    if (looked_up.profile != nullptr) {
        return {Finding::user_listed, looked_up.profile};
    }
    if (request.claimed_profile) {
        const Profile *profile = policy.find_profile(*request.claimed_profile);
        return {profile ? Finding::profile_claimed : Finding::claimed_profile_missing, profile};
    }
    return {Finding::user_unlisted, policy.organization().default_profile};
}

const Profile *effective_profile(const Policy &policy, const DecisionRequest &request) noexcept {
    return whose_ranges(policy, request, look_up(policy, request)).profile;
}

}  // namespace ipfence
