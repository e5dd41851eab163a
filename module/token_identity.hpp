#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// How it stands with whose the presented token is.
enum class TokenIdentity : std::uint8_t {
    settled,      ///< `state.access->origin` says what there is to know, which may be nothing
    pending,      ///< the store or the provider is being asked: the phase handler returns NGX_AGAIN
    unavailable,  ///< the store must be asked and cannot be
    invalid,      ///< the token does not verify, or the provider says that it is not active
};

/// Finds out whose the presented token is: memory, or the shared store, knows it; else it is a JWT
/// that the keys verify; else the provider introspects it. What was found out is remembered. Called
/// again when the store or the provider has answered.
TokenIdentity identify_token(RequestState &state);

}  // namespace ipfence::module
