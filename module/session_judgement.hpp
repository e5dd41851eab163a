#pragma once

#include <optional>

#include "engine/endpoint/judgement.hpp"
#include "module/recall.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Makes sure that the sessions by which the request will be decided are known, as far as anybody
/// knows them. Called again when the store has answered.
Recall make_deciding_sessions_known(RequestState &state);

/// Decides a request inside a session from all credentials that it carries: the token, and on pages
/// (or where there is no token) the session cookies. Every one of them must be allowed. Empty where
/// it carries none, and the deployment names no user. `policy` is the one in force, or the
/// candidate.
std::optional<Judgement> judge_credentials(RequestState &state, const Policy &policy);

}  // namespace ipfence::module
