#pragma once

#include <span>

#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/learning.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Remembers the tokens of a token response that is about to leave.
void learn_token_response(RequestState &state, const IssuedTokens &tokens,
                          const Judgement &judgement);

/// Lets each session that the answer sets, of those that the browser then has, be as restricted as
/// each that the request may be of, whatever the answer carries.
void learn_set_sessions(const RequestState &state, std::span<const BrowserSession> sessions);

/// Says in the error log, at most once a minute, that something could not be remembered.
void report_learned(const RequestState &state, Learned learned) noexcept;

}  // namespace ipfence::module
