#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Notes which session cookies the browser will have after this answer.
void note_session_cookies(RequestState &state);

/// Judges what the authorization endpoint's answer hands out, and remembers it where it may leave.
Outcome judge_authorization_answer(RequestState &state);

/// Revokes what the answer issues.
void revoke_authorization_answer(RequestState &state);

}  // namespace ipfence::module
