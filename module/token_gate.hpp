#pragma once

#include <memory>

#include "engine/endpoint/learning.hpp"
#include "engine/endpoint/token_endpoint.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// How the client of a token request proved itself in its body, for a request to the provider in
/// its name. Views on the request; secrets.
struct ClientAuthentication {
    std::string_view client_id;
    std::string_view client_secret;
    std::string_view client_assertion;
};

/// What the gate keeps of a token request, once it was read.
struct TokenAttempt : Recycled<TokenAttempt> {
    std::unique_ptr<TokenAttempt> former;  ///< of a place that the request was in before
    TokenRequestFacts facts;
    Redeemed redeemed;
    std::optional<GrantRecord> forgotten;  ///< the grant of the code, where it is no more
    std::optional<Digest> actor_key;       ///< of a token exchange: see TokenRequestFacts
    std::optional<Remembered> actor;
    ClientAuthentication client_authentication;
};

/// What the gate does with a request of kind `token`, step by step: headers, body, facts,
/// judgement. Called again when the body has arrived. Returns what the phase handler must return.
ngx_int_t gate_token_request(RequestState &state);

}  // namespace ipfence::module
