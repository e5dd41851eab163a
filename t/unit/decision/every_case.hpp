#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/decision/decision.hpp"
#include "t/unit/decision/verdict_table.hpp"

namespace ipfence::test {

/// The login IP ranges of the restricted profile and the trusted IP ranges of every app that has
/// some. Both have two ranges a family, so that one can be taken away.
struct Ranges {
    std::vector<std::string_view> of_profile{"192.0.2.0/24", "198.51.100.0/24", "2001:db8:a::/48",
                                             "2001:db8:b::/48"};
    std::vector<std::string_view> of_apps{"198.51.100.0/24", "203.0.113.0-203.0.113.127",
                                          "2001:db8:b::/48", "2001:db8:c::/48"};
};

/// What an app, or the default_app, is set to.
struct AppSetting {
    Relaxation relaxation;
    bool oauth;
    bool saml;
    TrustedList trusted_list;
};

/// Every relaxation with every set of protocols and every kind of list.
std::vector<AppSetting> every_app_setting();

enum class DefaultProfile : std::uint8_t { restricted, none };

/// What varies between organizations.
struct OrganizationSetting {
    Continuous continuous;
    SensitiveOperations sensitive_operations;
    DefaultProfile default_profile = DefaultProfile::restricted;
    std::optional<AppSetting> default_app = std::nullopt;
};

/// The names that every organization of `make_policy` lists.
inline constexpr std::string_view kRestrictedUser = "alice";
inline constexpr std::string_view kUnrestrictedUser = "batch";
inline constexpr std::string_view kRestrictedProfile = "standard";
inline constexpr std::string_view kUnrestrictedProfile = "integration";

/// An organization that lists the users and profiles above, and an app for every AppSetting and
/// every user to run as.
std::unique_ptr<const Policy> make_policy(const OrganizationSetting &setting,
                                          const Ranges &ranges = {});

/// One case: a request, the policy that it meets, and the situation that both amount to.
struct Case {
    const Policy &policy;
    DecisionRequest request;
    Situations situation;
};

/// Visits every case that the table is about.
void for_each_case(const std::function<void(const Case &)> &visit);

/// The same for one organization with these ranges. A situation tells where the client is in an
/// organization with the ranges as `Ranges` has them.
void for_each_case(const OrganizationSetting &setting, const Ranges &ranges,
                   const std::function<void(const Case &)> &visit);

/// Every organization without a default_app, by its other settings.
std::vector<OrganizationSetting> every_organization();

}  // namespace ipfence::test
