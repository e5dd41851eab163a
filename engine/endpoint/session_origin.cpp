#include "engine/endpoint/session_origin.hpp"

namespace ipfence {

namespace {

// A byte that no version of this program wrote is a flow that nobody knows.
Flow flow_of_byte(std::uint8_t byte) noexcept {
    return byte <= static_cast<std::uint8_t>(Flow::unknown) ? static_cast<Flow>(byte)
                                                            : Flow::unknown;
}

}  // namespace

SessionOrigin origin_of(const GrantRecord &grant, bool refreshed) noexcept {
    SessionOrigin origin{
        .app = grant.app(),
        .user = grant.user(),
        .claimed_profile = std::nullopt,
        .flow = flow_of_byte(grant.flow()),
        .refreshed = refreshed,
        .device_activated = grant.has(GrantRecord::kDeviceActivated),
        .device_tag = std::nullopt,
    };
    if (grant.has(GrantRecord::kProfileClaimed)) {
        origin.claimed_profile = grant.profile();
    }
    if (grant.has(GrantRecord::kDeviceTagged)) {
        origin.device_tag = grant.device_tag;
    }
    return origin;
}

GrantRecord grant_of(const SessionOrigin &origin, const std::optional<Address> &address) noexcept {
    GrantRecord grant;
    grant.set_flow(static_cast<std::uint8_t>(origin.flow));
    grant.set_outlives_logout(origin.outlives_logout);
    grant.set(GrantRecord::kRefreshed, origin.refreshed);
    grant.set(GrantRecord::kDeviceActivated, origin.device_activated);
    grant.set(GrantRecord::kDeviceTagged, origin.device_tag.has_value());
    grant.set(GrantRecord::kProfileClaimed, origin.claimed_profile.has_value());
    grant.device_tag = origin.device_tag.value_or(DeviceTag{});
    grant.set_address(address);
    return grant;
}

}  // namespace ipfence
