#pragma once

#include <optional>
#include <string_view>

#include "engine/credential/device_cookie.hpp"
#include "engine/decision/decision.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

/// How a session began and whose it is, as far as that is known. Views are the caller's.
struct SessionOrigin {
    std::string_view app{};   ///< empty: unknown
    std::string_view user{};  ///< empty: unknown
    std::optional<std::string_view> claimed_profile{};
    Flow flow = Flow::unknown;
    bool refreshed = false;
    bool device_activated = false;
    std::optional<DeviceTag> device_tag{};  ///< whose device it is, where that was not compared yet
    bool outlives_logout = false;           ///< IssuedTokens::outlive_logout
};

/// What memory says of a grant; the views are on `grant`. `refreshed` is the credential's own.
SessionOrigin origin_of(const GrantRecord &grant, bool refreshed) noexcept;

/// A record for memory of a session of that origin, but for the names, which may not fit
/// (GrantRecord::set_names).
GrantRecord grant_of(const SessionOrigin &origin, const std::optional<Address> &address) noexcept;

/// Whether the tag of a device's cookie says that it is activated for `user`. Without keys no tag
/// says anything.
inline bool is_device_tagged(const std::optional<DeviceTag> &tag, const DeviceKeys *keys,
                             std::string_view user) {
    return keys != nullptr && tag && !user.empty() && is_device_of(*keys, *tag, user);
}

/// Whether the device is activated for `user`: known from before, or by the tag of its cookie.
inline bool is_device_activated(const SessionOrigin &origin, const DeviceKeys *keys,
                                std::string_view user) {
    // J07: what was verified of one user says nothing of another.
    const bool is_known = origin.device_activated && (origin.user.empty() || origin.user == user);
    return is_known || is_device_tagged(origin.device_tag, keys, user);
}

}  // namespace ipfence
