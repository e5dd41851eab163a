#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "engine/comparison/listed_places.hpp"
#include "engine/comparison/people.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence {

/// All of an app that a decision depends on.
struct AppFacts {
    bool oauth = false;  ///< false too where the policy says nothing of the app
    Relaxation ip_relaxation = Relaxation::enforce;
    bool has_trusted_ip_ranges = false;
    TrustedRangesEffect trusted_ip_ranges_effect = TrustedRangesEffect::replace;
    SharedPlaces trusted;
    const Profile *run_as = nullptr;  ///< of the user whom it runs as
    bool runs_as_nobody = true;

    friend auto operator<=>(const AppFacts &, const AppFacts &) = default;
};

/// Apps that two policies say the same of: each of them the same before and the same after.
struct AppClass {
    std::vector<std::string> client_ids;   ///< ascending
    bool with_unlisted = false;            ///< apps that neither lists are among them
    bool no_app = false;                   ///< a request without an app, and nothing else
    std::optional<std::string> client_id;  ///< how a request names one of them

    AppFacts before;
    AppFacts after;
    ProfileFacts run_as_before;
    ProfileFacts run_as_after;
};

/// Every app that two policies could decide about.
std::vector<AppClass> app_classes_of(const Policy &before, const Policy &after,
                                     KnownPlaces &places);

}  // namespace ipfence
