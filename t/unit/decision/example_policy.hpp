#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/decision/decision.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence::test {

inline std::vector<AddressRange> ranges(std::initializer_list<std::string_view> texts) {
    std::vector<AddressRange> parsed;
    for (const std::string_view text : texts) {
        parsed.push_back(AddressRange::parse(text).value());
    }
    return parsed;
}

/// A small organization to ask single questions of. Change `organization` or add to `builder`, then
/// `build`. alice has the profile `standard` (203.0.113.0/24 and 2001:db8::/32), batch the
/// unrestricted profile `integration`.
class ExamplePolicy {
  public:
    ExamplePolicy() {
        const auto of_standard = ranges({"203.0.113.0/24", "2001:db8::/32"});
        standard = builder.add_profile({"standard", false, builder.add_ranges(of_standard)});
        builder.add_profile({"integration", true, {}});
        builder.add_user("alice", standard);
        builder.add_user("batch", *builder.find_profile("integration"));
        organization.default_profile = standard;
        organization.continuous_ip_enforcement = true;
        organization.profile_claim = "profile";
    }

    void add_app(std::string_view client_id, Relaxation relaxation) {
        AppSettings app;
        app.client_id = client_id;
        app.ip_relaxation = relaxation;
        builder.add_app(std::move(app));
    }

    /// One that speaks SAML and no OAuth.
    void add_saml_app(std::string_view client_id, Relaxation relaxation) {
        AppSettings app;
        app.client_id = client_id;
        app.oauth = false;
        app.saml = true;
        app.ip_relaxation = relaxation;
        builder.add_app(std::move(app));
    }

    /// `relax_for_activated_devices`, with 192.0.2.0/28 as the app's own list.
    void add_app_with_list(std::string_view client_id, TrustedRangesEffect effect) {
        AppSettings app;
        app.client_id = client_id;
        app.ip_relaxation = Relaxation::relax_for_activated_devices;
        app.trusted_ip_ranges = builder.add_ranges(ranges({"192.0.2.0/28"}));
        app.trusted_ip_ranges_effect = effect;
        builder.add_app(std::move(app));
    }

    std::unique_ptr<const Policy> build() {
        builder.set_organization(organization);
        return std::move(builder.build()).value();
    }

    PolicyBuilder builder;
    OrganizationSettings organization;
    ProfileNumber standard{};
};

/// A login of alice in the web server flow from an address outside her profile's ranges and the
/// example app's list.
inline DecisionRequest login_from_outside(std::optional<std::string_view> app = std::nullopt) {
    DecisionRequest request;
    request.client_address = Address::parse("198.51.100.7");
    request.user = "alice";
    request.app = app;
    request.flow = app ? Flow::web_server : Flow::direct;
    return request;
}

inline constexpr std::string_view kInsideProfile = "203.0.113.9";
inline constexpr std::string_view kInsideAppList = "192.0.2.1";

}  // namespace ipfence::test
