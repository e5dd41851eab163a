#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/credential/claims.hpp"

namespace ipfence {

/// Which claims to look for; from the policy's organization.
struct IdentityClaims {
    std::span<const std::string> user_claims;     ///< most preferred first
    std::string_view profile_claim{};             ///< empty: none
    std::span<const std::string> verified_amr{};  ///< any of them in `amr` is identity verification
    std::span<const std::string> verified_acr{};  ///< one of them as `acr` is identity verification
};

/// What an answer says of how many seconds something lives, where that is to be believed (I08: not
/// negative; many say "for ever" by the largest number that they have).
inline std::optional<std::int64_t> believable_lifetime(
    std::optional<std::int64_t> seconds) noexcept {
    return seconds && *seconds >= 0 ? seconds : std::nullopt;
}

/// Tokens that a provider issued in one answer, and what they say of themselves: views of what was
/// read. No signature is checked: they come from the provider itself.
struct IssuedTokens {
    std::string_view access_token;   ///< empty: none
    std::string_view refresh_token;  ///< empty: none
    std::string_view id_token;       ///< empty: none
    /// By which an app of the same device acts for its user in a token exchange (OpenID Connect
    /// Native SSO for Mobile Apps, section 3.2); empty: none.
    std::string_view device_secret{};
    /// Whether `access_token` is a refresh token: a token exchange issues whatever it issues in
    /// that member, and says in `issued_token_type` what it is (RFC 8693, section 2.2.1).
    bool access_token_refreshes = false;
    /// Seconds that the access token lives, when the answer says a believable_lifetime, as a number
    /// without a fraction.
    std::optional<std::int64_t> expires_in;
    /// The same for the refresh token (`refresh_expires_in`, as Keycloak has it).
    std::optional<std::int64_t> refresh_expires_in;

    /// Whether they are for when nobody is signed in, too: a refresh token and a `scope` with
    /// `offline_access` (OpenID Connect Core, section 11).
    bool outlive_logout = false;

    /// Seconds from `iat` to `exp` of the access and of the ID token, where they are JWTs that say
    /// so.
    std::optional<std::int64_t> access_token_span;
    std::optional<std::int64_t> id_token_span;

    std::string_view user;  ///< the user that its tokens name; empty when they name none
    /// Whether two of its tokens name different users by the same claim, or a claim that would name
    /// one cannot be read (NamedUser); `user` is then empty.
    bool is_user_unclear = false;
    bool profile_claimed = false;  ///< whether a token carries `profile_claim`
    /// The profile that it names; empty, which no policy has, when the claim is not a string.
    std::string_view claimed_profile;
    /// The client that the id_token (`azp`, else an `aud` that is one string, or a list of one) or
    /// else the access token (`client_id`, else `azp`) was issued to; empty when they do not say.
    std::string_view client_id;
    /// Whether the id_token's `amr` or `acr` says that the user completed identity verification.
    bool verified = false;
};

/// The claims of those tokens of an answer that are JWTs.
struct TokenClaims {
    std::optional<Claims> id_token;
    std::optional<Claims> access_token;
};

/// Reads what `tokens.id_token` and `tokens.access_token` say into `read`, and of that into the
/// other members of `tokens`, which are views of it. Returns what is wrong, a literal that repeats
/// nothing of the answer, or nothing: a token that is a JWT with more than one reading is wrong;
/// one that is opaque says nothing.
std::string_view read_identity(IssuedTokens &tokens, const IdentityClaims &claims,
                               TokenClaims &read);

}  // namespace ipfence
