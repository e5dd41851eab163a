#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address/range_set.hpp"
#include "engine/image/image.hpp"
#include "engine/policy/listing.hpp"
#include "engine/policy/origin_set.hpp"
#include "engine/policy/relaxation.hpp"
#include "engine/policy/settings.hpp"
#include "engine/result.hpp"

namespace ipfence {

struct PolicyHeader;

/// A named set of login IP ranges, in a policy's image. All that a decision reads of it lies in one
/// cache line, and so it is with an App.
struct alignas(64) Profile {
    ImageText name;
    bool unrestricted = false;
    RangeSet login_ip_ranges;
    OriginSet login_origins;  ///< inside them is inside the ranges
};

/// An OAuth client, in a policy's image. `client_id` is empty in the organization's `default_app`.
struct alignas(64) App {
    ImageText client_id;
    ImageText name;
    ImageText run_as;  ///< the user whose profile applies to client_credentials; may be empty
    bool oauth = true;
    bool saml = false;
    Relaxation ip_relaxation = Relaxation::enforce;
    TrustedRangesEffect trusted_ip_ranges_effect = TrustedRangesEffect::replace;
    bool has_trusted_ip_ranges = false;  ///< a list may be there and hold no address
    RangeSet trusted_ip_ranges;
    OriginSet trusted_origins;  ///< inside them is inside the ranges
};

static_assert(sizeof(Profile) == 64 && sizeof(App) == 64);

/// The settings of the whole policy.
struct Organization {
    bool continuous_ip_enforcement = false;
    SensitiveOperations sensitive_operations = SensitiveOperations::block_relaxed_apps;
    /// The profile of users that the policy does not list; null when the policy says in so many
    /// words that they are not restricted.
    const Profile *default_profile = nullptr;
    /// What apps that the policy does not list are; null: they relax nothing.
    const App *default_app = nullptr;
    std::vector<std::string> user_claims;  ///< most preferred first; never empty
    std::string profile_claim;             ///< empty when none
    VerificationClaims verification_claims;
    /// SHA-256 of which claims these four are: what was found in a token by others is told from
    /// what was found by these.
    std::array<unsigned char, 32> claims_fingerprint{};
};

/// One organization's rules, whole and immutable: a view on the image that PolicyBuilder puts
/// together, which may be shared with other processes. Everything that a lookup returns lives as
/// long as it.
class Policy {
  public:
    /// Takes up an image. An error: it is cut short, damaged, or another version made it. What was
    /// taken up cannot lead a reader astray.
    static Result<std::unique_ptr<const Policy>> open(Image image);

    /// Takes up an image that a process of the same program has taken up by `open`, without
    /// looking at it again.
    static std::unique_ptr<const Policy> open_checked(Image image);

    Policy(const Policy &) = delete;
    Policy &operator=(const Policy &) = delete;

    const Organization &organization() const noexcept { return organization_; }

    /// The profile of this name, or null.
    const Profile *find_profile(std::string_view name) const noexcept {
        return listed_profiles().find(name);
    }

    /// The profile that the policy lists for exactly this user name, or null where it lists none.
    const Profile *find_user(std::string_view user) const noexcept {
        return listed_users().find(user);
    }

    /// The app that the policy lists under exactly this client_id, or null.
    const App *find_app(std::string_view client_id) const noexcept {
        return listed_apps().find(client_id);
    }

    /// All profiles, users and apps, for those who look many up or go through them.
    const Listing<Profile> &listed_profiles() const noexcept { return profile_names_; }
    const Listing<Profile> &listed_users() const noexcept { return users_; }
    const Listing<App> &listed_apps() const noexcept { return client_ids_; }

    /// A login range of a profile or a trusted range of an app that shares an address with `range`.
    std::optional<AddressRange> find_overlap(const AddressRange &range) const noexcept;

    /// Whether some list of it names countries or autonomous systems: where an OriginSource does
    /// not know the ones or the others, no address is in them.
    bool names_countries() const noexcept;
    bool names_systems() const noexcept;
    bool names_more_than(bool known_countries, bool known_systems) const noexcept {
        return (names_countries() && !known_countries) || (names_systems() && !known_systems);
    }

    /// The first 12 hexadecimal digits of the SHA-256 of all that was read: what `$ipfence_policy`
    /// and the audit log call this policy, compiled or not.
    std::string_view hash() const noexcept;

    /// How many it lists of each, for those who report on a policy.
    std::size_t users() const noexcept;
    std::size_t profiles() const noexcept;
    std::size_t apps() const noexcept;

    /// The image: what a compiled policy's file holds.
    const Image &image() const noexcept { return image_; }

  private:
    template <class Names>
    bool any_origins(Names names) const noexcept;

    explicit Policy(Image image);

    const PolicyHeader &header() const noexcept;

    Image image_;
    Listing<Profile> profile_names_;
    Listing<Profile> users_;
    Listing<App> client_ids_;
    Organization organization_;
};

}  // namespace ipfence
