#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/address/range_table.hpp"

namespace ipfence {

/// An app's IP relaxation (semantics.md, Terms).
enum class Relaxation : std::uint8_t {
    enforce,
    relax_for_refresh_tokens,
    relax_for_activated_devices,
    relax,
};

/// What blocks a sensitive operation under continuous IP enforcement (semantics.md, step 5).
enum class SensitiveOperations : std::uint8_t {
    block_relaxed_apps,
    block_relaxed_sessions,
    outside_ranges,
};

/// What an address outside an app's trusted IP ranges means (semantics.md, step 4).
enum class TrustedRangesEffect : std::uint8_t { replace, bypass };

/// The words of the policy file for these values; the views are literals.
std::string_view name_of(Relaxation relaxation) noexcept;
std::string_view name_of(SensitiveOperations mode) noexcept;
std::string_view name_of(TrustedRangesEffect effect) noexcept;

/// A named set of login IP ranges. Either `unrestricted`, or with at least one entry in its list;
/// the table may still be empty when every entry is a country or an AS number.
struct Profile {
    std::string name;
    bool unrestricted = false;
    RangeTable login_ip_ranges;
};

/// An OAuth client. `trusted_ip_ranges` is absent or a list that is not empty (F14: absent is not
/// empty). `client_id` is empty in the organization's `default_app`.
struct App {
    std::string client_id;
    std::string name;
    bool oauth = true;
    bool saml = false;
    Relaxation ip_relaxation = Relaxation::enforce;
    std::optional<RangeTable> trusted_ip_ranges;
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
struct Organization {
    bool continuous_ip_enforcement = false;
    SensitiveOperations sensitive_operations = SensitiveOperations::block_relaxed_apps;
    /// The profile of users that the policy does not list; null when the policy says in so many
    /// words that they are not restricted. Points into the same policy.
    const Profile *default_profile = nullptr;
    /// What apps that the policy does not list are; absent: they relax nothing.
    std::optional<App> default_app;
    /// Claims that name the user, most preferred first; never empty.
    std::vector<std::string> user_claims;
    /// The claim that names the profile of a user that the policy does not list; empty when none.
    std::string profile_claim;
    VerificationClaims verification_claims;
};

/// One organization's rules, whole and immutable: made by `load_policy` from a file without a
/// fault, or by PolicyBuilder in tests. Everything that a lookup returns lives as long as it.
class Policy {
  public:
    Policy(const Policy &) = delete;
    Policy &operator=(const Policy &) = delete;

    const Organization &organization() const noexcept { return organization_; }

    /// The profile of this name, or null.
    const Profile *find_profile(std::string_view name) const noexcept;

    /// The profile that the policy lists for exactly this user name, or null where it lists none.
    const Profile *find_user(std::string_view user) const noexcept;

    /// The app that the policy lists under exactly this client_id, or null.
    const App *find_app(std::string_view client_id) const noexcept;

    /// The first 12 hexadecimal digits of the SHA-256 of all that was read: what `$ipfence_policy`
    /// and the audit log call this policy.
    std::string_view hash() const noexcept { return hash_; }

    /// How many it lists of each, for those who report on a policy.
    std::size_t users() const noexcept { return users_.size(); }
    std::size_t profiles() const noexcept { return profiles_.size(); }
    std::size_t apps() const noexcept { return apps_.size(); }

  private:
    friend class PolicyBuilder;
    Policy() = default;

    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const noexcept {
            return std::hash<std::string_view>{}(name);
        }
    };
    template <class Value>
    using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

    Organization organization_;
    NameMap<std::unique_ptr<Profile>> profiles_;
    NameMap<const Profile *> users_;
    NameMap<App> apps_;
    std::string hash_;
};

/// Puts a policy together from parts that are already checked. The loader is its user; unit tests
/// are the other one.
class PolicyBuilder {
  public:
    PolicyBuilder();
    ~PolicyBuilder();

    /// Adds a profile; its name must be new. The pointer lives as long as the finished policy.
    const Profile *add_profile(Profile profile);
    /// Lists a user; false when the user is already listed.
    bool add_user(std::string user, const Profile *profile);
    /// Lists an app; false when its client_id is already listed.
    bool add_app(App app);
    void set_organization(Organization organization);
    void set_hash(std::string hash);

    const Profile *find_profile(std::string_view name) const noexcept;
    const Profile *find_user(std::string_view user) const noexcept;
    std::size_t users() const noexcept;

    /// The policy; the builder is spent. `organization.user_claims` becomes {"sub"} when empty.
    std::unique_ptr<const Policy> build();

  private:
    std::unique_ptr<Policy> policy_;
};

}  // namespace ipfence
