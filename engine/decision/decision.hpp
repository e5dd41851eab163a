#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/address/address_range.hpp"
#include "engine/decision/reason.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence {

/// What the request does (semantics.md, Terms). The last three are the sensitive operations.
enum class Operation : std::uint8_t {
    login,
    refresh,
    access,
    password_change,
    verification_registration,
    login_flow,
};

/// How the session began (semantics.md, Terms).
enum class Flow : std::uint8_t {
    web_server,
    user_agent,
    username_password,
    jwt_bearer,
    saml_bearer,
    client_credentials,
    device,
    token_exchange,
    direct,
    unknown,
};

/// Whether it is one of the sensitive operations (semantics.md, Terms).
constexpr bool is_sensitive(Operation operation) noexcept {
    return operation >= Operation::password_change;
}

/// The words of semantics.md for these values; the views are literals.
std::string_view name_of(Operation operation) noexcept;
std::string_view name_of(Flow flow) noexcept;
std::string_view name_of(Outcome outcome) noexcept;
std::optional<Operation> operation_of(std::string_view name) noexcept;
std::optional<Flow> flow_of(std::string_view name) noexcept;
std::optional<Outcome> outcome_of(std::string_view name) noexcept;
std::optional<Reason> reason_of(std::string_view name) noexcept;

/// The inputs of a decision beside the policy. Nothing here is owned.
struct DecisionRequest {
    std::optional<Address> client_address;  ///< empty: cannot be determined
    std::optional<std::string_view>
        user;                             ///< empty: not identified; ignored for client_credentials
    std::optional<std::string_view> app;  ///< empty: no app
    Operation operation = Operation::login;
    Flow flow = Flow::unknown;
    bool refreshed = false;
    bool device_activated = false;
    /// The profile that the token's `profile_claim` names, where it carries one. Consulted for
    /// users that the policy does not list only, ignored for client_credentials and by a policy
    /// without a `profile_claim`; naming no profile of the policy is `profile_unknown`.
    std::optional<std::string_view> claimed_profile = std::nullopt;
    /// Who is asked where the address is, when a list names countries or autonomous systems. Null:
    /// nobody, and the address is in none of them.
    const OriginSource *origins = nullptr;
};

/// What decided: a range of some list, or a setting of the policy.
struct Rule {
    enum class Setting : std::uint8_t {
        none,
        continuous_ip_enforcement,
        default_profile,
        unrestricted,
        login_ip_ranges,
        ip_relaxation,
        trusted_ip_ranges,
        sensitive_operations,
        profile_claim,
    };
    Setting setting = Setting::none;
    RangeMatch match{};      ///< when set, its range is what decided
    AddressOrigin origin{};  ///< when one of it is set, that is what decided
};

/// The answer to a request. Everything it points to lives as long as the policy.
struct Decision {
    Outcome outcome = Outcome::deny;
    Reason reason = Reason::user_unidentified;
    Rule rule;
    const Profile *profile = nullptr;  ///< the user's, once step 2 was reached; null: none applies
    const App *app = nullptr;          ///< what the policy says of the app; null: nothing or no app

    bool allowed() const noexcept { return outcome == Outcome::allow; }
};

/// Takes the steps of semantics.md, "The decision", in their order. A pure function: it reads its
/// arguments only, allocates nothing, and costs one lookup of the user, one of the app and at most
/// two of the address.
Decision decide(const Policy &policy, const DecisionRequest &request) noexcept;

/// The same, into `decision`, which is as a new one is.
void decide(const Policy &policy, const DecisionRequest &request, Decision &decision) noexcept;

/// What semantics.md calls the user of this request: `user`, or for client_credentials the app's
/// `run_as` (empty when it has none).
std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept;

/// What the policy says of an app: its listing, else the organization's default_app, else null;
/// null where there is no app.
const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept;

/// The profile of that user, as step 2 finds it, for those who show a decision that an earlier step
/// ended; null where the user has none or is not identified.
const Profile *effective_profile(const Policy &policy, const DecisionRequest &request) noexcept;

/// Writes the rule as people read it into `out`, cut to its size (never inside a UTF-8 sequence),
/// without a terminator: the range (`203.0.113.0/24`), the country or autonomous system
/// (`country:DE`, `asn:64496`), or the setting's place in the policy
/// (`profiles.standard.login_ip_ranges`). Returns the length; 0 for no rule.
std::size_t format_rule(const Decision &decision, std::span<char> out) noexcept;

/// The same, whole, as a string.
std::string rule_text(const Decision &decision);

}  // namespace ipfence
