#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/credential/device_cookie.hpp"
#include "engine/decision/decision.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

using DeviceTag = std::array<unsigned char, ActivatedDevice::kSize>;

/// How a session began and whose it is, as far as that is known. Views are the caller's.
struct SessionOrigin {
    std::string_view app{};   ///< empty: unknown
    std::string_view user{};  ///< empty: unknown
    std::optional<std::string_view> claimed_profile{};
    Flow flow = Flow::unknown;
    bool refreshed = false;
    bool device_activated = false;
    std::optional<DeviceTag> device_tag{};  ///< whose device it is, where that was not compared yet
};

/// What memory says of a grant; the views are on `grant`. `refreshed` is the credential's own.
SessionOrigin origin_of(const GrantRecord &grant, bool refreshed) noexcept;

/// A record for memory of a session of that origin, but for the names, which may not fit
/// (GrantRecord::set_names).
GrantRecord grant_of(const SessionOrigin &origin, const std::optional<Address> &address) noexcept;

/// Whether the device is activated for `user`: known from before, or by the tag of its cookie.
/// Without keys no tag says anything.
bool is_device_activated(const SessionOrigin &origin, const DeviceKeys *keys,
                         std::string_view user);

}  // namespace ipfence
