#pragma once

#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/learning.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Remembers the tokens of a token response that is about to leave.
void learn_token_response(RequestState &state, const IssuedTokens &tokens,
                          const Judgement &judgement);

/// Says in the error log, at most once a minute, that something could not be remembered.
void report_learned(const RequestState &state, Learned learned) noexcept;

}  // namespace ipfence::module
