#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Judges the tokens of the token endpoint's answer, and remembers them where they may leave.
Outcome judge_token_answer(RequestState &state);

/// Monitor: the request was to be denied, and has its line. What is issued all the same is
/// remembered as what it is, for it is used where denials are enforced, or once they are.
void learn_denied_tokens(RequestState &state);

/// Revokes what the answer issues.
void revoke_token_answer(RequestState &state);

}  // namespace ipfence::module
