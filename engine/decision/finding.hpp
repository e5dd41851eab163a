#pragma once

#include <cstdint>

namespace ipfence {

/// What a step of semantics.md found, in the order of the steps. A decision is a sequence of these,
/// one a step, and the last one ends it.
enum class Finding : std::uint8_t {
    // Step 1: is this moment checked at all?
    operation_always_checked,
    continuous_enforcement_on,
    continuous_enforcement_off,

    // Step 2: whose ranges?
    user_unidentified,
    app_without_run_as,
    user_listed,
    profile_claimed,
    claimed_profile_missing,
    user_unlisted,

    // Step 3: are there restrictions?
    profile_restricted,
    profile_unrestricted,
    no_default_profile,

    // Step 4: does the app relax them?
    no_app,
    app_unlisted,
    app_without_oauth,
    flow_always_enforces,
    flow_unknown,
    app_enforces,
    session_not_refreshed,
    session_refreshed,
    trusted_ranges_not_for_flow,
    trusted_ranges_need_address,
    inside_trusted_ranges,
    inside_trusted_ranges_flow_unknown,
    outside_trusted_ranges,
    outside_trusted_ranges_bypassed,
    device_not_for_flow,
    device_not_activated,
    device_activated,
    app_relaxes,

    // Step 5: is it a sensitive operation that is blocked?
    operation_not_sensitive,
    relaxed_app_blocked,
    relaxed_session_blocked,
    sensitive_operation_not_blocked,

    // Step 6: is the session relaxed?
    session_relaxed,
    session_not_relaxed,
    sensitive_operation_never_relaxed,

    // Step 7: the ranges.
    inside_login_ranges,
    outside_login_ranges,
    login_ranges_need_address,
};

}  // namespace ipfence
