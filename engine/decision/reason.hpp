#pragma once

#include <cstdint>
#include <string_view>

namespace ipfence {

/// The answer of the decision.
enum class Outcome : std::uint8_t { allow, deny };

/// Why a request was allowed or denied: the closed set, listed here once and documented in
/// docs/reasons.md. The first group is the engine's (semantics.md); the second is of the gate, for
/// requests and responses that it refuses before or instead of a decision.
enum class Reason : std::uint8_t {
    not_continuous,           ///< step 1
    user_unidentified,        ///< step 2
    profile_unknown,          ///< step 2: the token names a profile that the policy does not have
    no_login_ip_ranges,       ///< step 3
    outside_app_ip_ranges,    ///< step 4
    sensitive_operation,      ///< step 5
    app_ip_range,             ///< step 6
    activated_device,         ///< step 6
    refresh_token,            ///< step 6
    relaxed_app,              ///< step 6
    login_ip_range,           ///< step 7
    outside_login_ip_ranges,  ///< step 7
    address_unknown,          ///< steps 4 and 7: asked for an address that is not known

    no_credential,        ///< nothing that could name a user: the provider will ask for it
    user_undetermined,    ///< an authorization request before login: its code is decided later
    observed,             ///< there was nothing to decide, only to learn; not audited
    app_mismatch,         ///< a code or refresh token that was issued to another app
    token_invalid,        ///< an access token that does not verify
    no_token_issued,      ///< the provider's answer carries no token: there was nothing to decide
    preflight,            ///< a CORS preflight without a body, which can obtain nothing
    ambiguous_request,    ///< malformed, or with two readings
    request_too_large,    ///< more than ipfence_body_limit
    unsupported_media,    ///< another content type, or a content coding
    method_not_allowed,   ///< the token endpoint takes POST
    early_data,           ///< TLS early data, which may be a replay
    subrequest,           ///< a token request that is not the client's own request
    already_denied,       ///< a redirect of a request that was denied before
    kind_unknown,         ///< the `ipfence` variable has a value that is no kind
    response_unreadable,  ///< a success response that the gate cannot read
    response_too_large,   ///< more than ipfence_response_limit
    response_incomplete,  ///< the provider's answer ended early
    store_unavailable,    ///< the shared store must be asked or told, and cannot
    client_left,          ///< the client went before the answer could be judged
    internal_error,       ///< the gate's own fault
};

/// The code as logs and answers write it; a literal.
std::string_view name_of(Reason reason) noexcept;

}  // namespace ipfence
