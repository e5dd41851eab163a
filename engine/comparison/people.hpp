#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/comparison/listed_places.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence {

/// What a profile amounts to.
struct ProfileFacts {
    enum class Kind : std::uint8_t {
        none,          ///< there is no default_profile: not restricted
        unknown,       ///< the claimed profile is missing, or nobody was identified
        unrestricted,  ///< not restricted
        restricted,    ///< to `places`
    };
    Kind kind = Kind::unknown;
    SharedPlaces places;  ///< nothing but for `restricted`

    friend auto operator<=>(const ProfileFacts &, const ProfileFacts &) = default;
};

/// What a profile amounts to; null: there is no default_profile.
ProfileFacts facts_of(const Profile *profile, KnownPlaces &places);

/// Some users.
struct Members {
    std::size_t users = 0;              ///< how many that one of the policies lists
    std::vector<std::string> examples;  ///< names of some of those, ascending
    bool with_unlisted = false;         ///< users that neither lists are among them

    bool empty() const noexcept { return users == 0 && !with_unlisted; }
};

/// Those who have the same profile under a policy and the same one under another: users, or the
/// user that an app runs as, or nobody.
struct People {
    std::string profile_before;  ///< its name, or in words why there is none
    std::string profile_after;
    Members members;      ///< users whose tokens need not claim it
    Members claiming;     ///< users only where their token claims a profile
    bool run_as = false;  ///< the user whom an app runs as, and nobody else

    /// How a request tells who it is from: any of them is as good as another.
    std::optional<std::string> user;
    std::optional<std::string> claim_before;
    std::optional<std::string> claim_after;

    ProfileFacts before;  ///< of `run_as`, nothing: it depends on the app
    ProfileFacts after;
};

/// A name that neither of two policies gives to anything, as `is_used` says of it.
template <class IsUsed>
std::string unused_name(IsUsed is_used) {
    std::string name = "?";
    while (is_used(name)) {
        name += '?';
    }
    return name;
}

/// Everybody whom two policies could decide about, with every profile that a token could claim.
/// Under claims of different names a token says one thing to one policy and any other to the other.
std::vector<People> people_of(const Policy &before, const Policy &after, KnownPlaces &places);

}  // namespace ipfence
