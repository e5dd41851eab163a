#include "engine/credential/grant.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ipfence {

namespace {

constexpr std::size_t kGrantCount = static_cast<std::size_t>(Grant::extension) + 1;

constexpr std::size_t index_of(Grant grant) noexcept {
    return static_cast<std::size_t>(grant);
}

constexpr std::array<std::pair<std::string_view, Grant>, 8> kGrants{{
    {"authorization_code", Grant::authorization_code},
    {"refresh_token", Grant::refresh_token},
    {"password", Grant::password},
    {"client_credentials", Grant::client_credentials},
    {"urn:ietf:params:oauth:grant-type:jwt-bearer", Grant::jwt_bearer},
    {"urn:ietf:params:oauth:grant-type:saml2-bearer", Grant::saml2_bearer},
    {"urn:ietf:params:oauth:grant-type:device_code", Grant::device_code},
    {"urn:ietf:params:oauth:grant-type:token-exchange", Grant::token_exchange},
}};

// The parameters that make a grant what it is.
constexpr std::array<std::pair<Grant, KnownParameters>, 6> kCredentials{{
    {Grant::authorization_code, {KnownParameter::code}},
    {Grant::refresh_token, {KnownParameter::refresh_token}},
    {Grant::password, {KnownParameter::username, KnownParameter::password}},
    {Grant::jwt_bearer, {KnownParameter::assertion}},
    {Grant::device_code, {KnownParameter::device_code}},
    {Grant::token_exchange,
     {KnownParameter::subject_token, KnownParameter::subject_token_type,
      KnownParameter::actor_token, KnownParameter::actor_token_type}},
}};

// By grant, what only other ones have.
constexpr auto kCredentialsOfOthers = [] {
    std::array<KnownParameters, kGrantCount> of_others{};
    for (std::size_t index = 0; index < of_others.size(); ++index) {
        const auto grant = static_cast<Grant>(index);
        const Grant owner = grant == Grant::saml2_bearer ? Grant::jwt_bearer : grant;
        for (const auto &[other, credentials] : kCredentials) {
            if (other != owner && grant != Grant::extension) {
                of_others[index].insert(credentials);
            }
        }
    }
    return of_others;
}();

}  // namespace

Grant grant_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(kGrants, name, &std::pair<std::string_view, Grant>::first);
    return found == kGrants.end() ? Grant::extension : found->second;
}

bool has_credential_of_another_grant(KnownParameters given, Grant grant) noexcept {
    return given.intersects(kCredentialsOfOthers[index_of(grant)]);
}

}  // namespace ipfence
