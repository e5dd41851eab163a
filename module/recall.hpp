#pragma once

#include <optional>
#include <span>

#include "engine/memory/memory.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

// Memory as a request sees it: the zone, and behind it the shared store, where there is one.

/// How it stands with what memory has to say.
enum class Recall : std::uint8_t {
    settled,      ///< what can be known of it is known: `recall` says it
    pending,      ///< the store is being asked: the phase handler returns NGX_AGAIN
    unavailable,  ///< the store must be asked, cannot be, and the deployment wants no less
};

/// The part of `make_known` that there is a store for.
Recall make_known_by_store(RequestState &state, SharedStore &store,
                           std::span<const Digest> credentials, std::span<const Digest> sessions);

/// Asks the store for those of these credentials and sessions that the zone has no trusted copy of.
/// Called again when the store has answered.
inline Recall make_known(RequestState &state, std::span<const Digest> credentials,
                         std::span<const Digest> sessions = {}) {
    SharedStore *store = main_configuration(state.request)->store;
    return store == nullptr ? Recall::settled
                            : make_known_by_store(state, *store, credentials, sessions);
}

/// What is known of a credential and its grant, after `make_known` settled it, into `remembered`;
/// empty when nobody knows it, or when nothing is remembered.
void recall(const RequestState &state, const Digest &key, std::optional<Remembered> &remembered);

/// Whether the store should have been asked for a credential, and could not: somebody else may know
/// it.
bool may_be_known_elsewhere(const RequestState &state, const Digest &key);

/// What is known of a session; likewise.
void recall_session(const RequestState &state, const Digest &key, SessionMemory &session);

}  // namespace ipfence::module
