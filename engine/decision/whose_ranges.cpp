#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

WhoseRanges unlisted_ranges(const Policy &policy, const DecisionRequest &request) noexcept {
    // A token of client credentials is the app's, and says nothing of the user whom that runs as.
    if (request.claimed_profile && request.flow != Flow::client_credentials) {
        const Profile *profile = policy.find_profile(*request.claimed_profile);
        return {profile ? Finding::profile_claimed : Finding::claimed_profile_missing, profile};
    }
    return {Finding::user_unlisted, policy.organization().default_profile};
}

const Profile *effective_profile(const Policy &policy, const DecisionRequest &request) noexcept {
    return whose_ranges(policy, request, look_up(policy, request)).profile;
}

}  // namespace ipfence
