#pragma once

#include <span>
#include <string_view>

#include "engine/endpoint/authorization_endpoint.hpp"
#include "engine/endpoint/session_learning.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// What the gate keeps of a request of kind `authorization` until its answer is there.
struct AuthorizationAttempt {
    AuthorizationFacts facts;
    std::string_view named_client;  ///< by the request itself; empty: none
    bool app_is_to_come = false;    ///< the provider's answer may name another app
    /// Who the browser's sessions are known to be, should nothing be decided here (BrowserLogin).
    std::span<const std::string_view> browser_users;

    /// The session cookies as they are after the answer. In pool memory.
    std::span<const BrowserSession> sessions;
};

/// What the gate does with a request of kind `authorization`: it decides at once where the user is
/// known, and in any case reads the answer. Called again when a form body has arrived. Returns what
/// the phase handler must return.
ngx_int_t gate_authorization_request(RequestState &state);

}  // namespace ipfence::module
