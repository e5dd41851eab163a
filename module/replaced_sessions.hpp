#pragma once

#include <span>

#include "engine/endpoint/session_learning.hpp"
#include "module/recall.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

// Many a provider gives out another cookie for a session once its user was verified or has changed
// a password, and some with every answer. The new session is as restricted as the one before,
// whatever kind of request that answers, and whether or not it was decided by the session.

/// Whether the request may have a session that is remembered, which its answer may replace.
bool may_replace_session(const RequestState &state) noexcept;

/// As `make_sessions_known`, of all sessions that any reader may find.
Recall make_replaceable_sessions_known(RequestState &state);

/// Has the answer's header looked at, where it may replace a session. For a request that is passed
/// on.
void watch_for_replaced_sessions(RequestState &state) noexcept;

/// Remembers each session that the answer's header gives out in the place of one of the request's.
void learn_replaced_sessions(const RequestState &state);

/// The same of those of `sessions`, which the browser has after the answer, that the answer sets.
void learn_replaced_sessions(const RequestState &state, std::span<const BrowserSession> sessions);

}  // namespace ipfence::module
