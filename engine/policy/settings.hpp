#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/address/address_origin.hpp"
#include "engine/policy/relaxation.hpp"

// What a policy document says, checked, before it becomes a policy.

namespace ipfence {

/// A profile of the policy under construction.
enum class ProfileNumber : std::uint32_t {};

/// A list of ranges of the policy under construction; 0: the list that has none.
enum class RangesNumber : std::uint32_t {};

/// The countries and autonomous systems that a list of ranges has through its networks, ascending.
struct OriginSettings {
    std::vector<CountryCode> countries;
    std::vector<AsNumber> as_numbers;
};

/// A named set of login IP ranges. Either `unrestricted`, or with at least one entry in its list;
/// `login_ip_ranges` may still have none when every entry is a country or an AS number.
struct ProfileSettings {
    std::string name;
    bool unrestricted = false;
    RangesNumber login_ip_ranges{};
    OriginSettings login_origins{};
};

/// An OAuth client. `trusted_ip_ranges` is absent or a list that is not empty (F14: absent is not
/// empty). `client_id` is empty in the organization's `default_app`.
struct AppSettings {
    std::string client_id;
    std::string name;
    bool oauth = true;
    bool saml = false;
    Relaxation ip_relaxation = Relaxation::enforce;
    std::optional<RangesNumber> trusted_ip_ranges;
    OriginSettings trusted_origins{};
    TrustedRangesEffect trusted_ip_ranges_effect = TrustedRangesEffect::replace;
    /// The user whose profile applies to client_credentials; empty when none is named.
    std::string run_as;
};

/// Token claims that count as identity verification of the session.
struct VerificationClaims {
    std::vector<std::string> amr;
    std::vector<std::string> acr;
};

/// The settings of the whole policy.
struct OrganizationSettings {
    bool continuous_ip_enforcement = false;
    SensitiveOperations sensitive_operations = SensitiveOperations::block_relaxed_apps;
    /// The profile of users that the policy does not list; empty when the policy says in so many
    /// words that they are not restricted.
    std::optional<ProfileNumber> default_profile;
    /// What apps that the policy does not list are; absent: they relax nothing.
    std::optional<AppSettings> default_app;
    /// Claims that name the user, most preferred first; {"sub"} when empty.
    std::vector<std::string> user_claims;
    /// The claim that names the profile of a user that the policy does not list; empty when none.
    std::string profile_claim;
    VerificationClaims verification_claims;
};

}  // namespace ipfence
