#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

namespace {

// A token of client credentials is the app's, and says nothing of the user whom that runs as. What
// was remembered of a token, or decided by another policy, may be a claim that this one has no ear
// for.
bool is_claim_heard(const Policy &policy, const DecisionRequest &request) noexcept {
    return request.claimed_profile && request.flow != Flow::client_credentials &&
           !policy.organization().profile_claim.empty();
}

}  // namespace

WhoseRanges unlisted_ranges(const Policy &policy, const DecisionRequest &request) noexcept {
    if (is_claim_heard(policy, request)) {
        const Profile *profile = policy.find_profile(*request.claimed_profile);
        return {profile ? Finding::profile_claimed : Finding::claimed_profile_missing, profile};
    }
    return {Finding::user_unlisted, policy.organization().default_profile};
}

const Profile *effective_profile(const Policy &policy, const DecisionRequest &request) noexcept {
    return whose_ranges(policy, request, look_up(policy, request)).profile;
}

}  // namespace ipfence
