#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Has the answer's header looked at, where `ipfence_app` or `ipfence_user` may still say whose it
/// is. For a request inside a session that was let through.
void watch_for_names(RequestState &state) noexcept;

/// Judges the request once more, if the answer's header names another app or user than the request
/// did, and records the verdict where it is of somebody else. Deny: the answer is not for them, and
/// `state.verdict` says why.
Outcome judge_names_of_answer(RequestState &state);

/// The same where nginx has redirected the request and will not send that answer (X-Accel-Redirect,
/// `proxy_intercept_errors`), before another one takes its place. Allow where there is none.
Outcome judge_names_of_left_answer(RequestState &state);

}  // namespace ipfence::module
