#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/endpoint/session_origin.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence {

inline std::vector<AddressRange> ranges(std::string_view range) {
    return {AddressRange::parse(range).value()};
}

/// An app a relaxation; alice may be in 192.0.2.0/24 only, as everybody who is not listed, and
/// robin anywhere.
inline std::unique_ptr<const Policy> make_world(OrganizationSettings organization = {},
                                                bool is_continuous = true,
                                                void (*add_more)(PolicyBuilder &) = nullptr) {
    PolicyBuilder builder;
    const ProfileNumber office =
        builder.add_profile({"office", false, builder.add_ranges(ranges("192.0.2.0/24"))});
    const ProfileNumber anywhere = builder.add_profile({"anywhere", true, {}});
    builder.add_user("alice", office);
    builder.add_user("robin", anywhere);
    const auto add_app = [&builder](std::string name, Relaxation relaxation, const char *trusted) {
        AppSettings app;
        app.client_id = std::move(name);
        app.ip_relaxation = relaxation;
        if (trusted != nullptr) {
            app.trusted_ip_ranges = builder.add_ranges(ranges(trusted));
        }
        builder.add_app(std::move(app));
    };
    add_app("enforced", Relaxation::enforce, nullptr);
    add_app("relaxed", Relaxation::relax, nullptr);
    add_app("refresh", Relaxation::relax_for_refresh_tokens, nullptr);
    add_app("devices", Relaxation::relax_for_activated_devices, nullptr);
    add_app("branch", Relaxation::relax_for_activated_devices, "198.51.100.0/24");
    if (add_more != nullptr) {
        add_more(builder);
    }
    organization.continuous_ip_enforcement = is_continuous;
    organization.default_profile = office;
    builder.set_organization(std::move(organization));
    return std::move(builder.build()).value();
}

inline const Address kInside = *Address::parse("192.0.2.1");
inline const Address kOutside = *Address::parse("203.0.113.1");

inline DeviceKeys device_keys() {
    return std::move(DeviceKeys::parse(std::string(64, 'a'))).value();
}

/// The tag of a device on which `user` was verified.
inline DeviceTag device_tag_of(const DeviceKeys &keys, std::string_view user) {
    return read_device_cookie(keys, make_device_cookie(keys, user, {}, 100), 0)->user_tag;
}

}  // namespace ipfence
