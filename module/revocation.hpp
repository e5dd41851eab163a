#pragma once

#include <string_view>

#include "engine/credential/issued_tokens.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Revokes at the provider what it issued and the gate withheld (RFC 7009), where
/// `ipfence_revocation` is set: in the background, in the name of the client that asked, whose own
/// authentication is passed on. The outcome is logged.
void revoke_withheld(RequestState &state, const IssuedTokens &tokens, std::string_view client_id);

}  // namespace ipfence::module
