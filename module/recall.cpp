#include "module/recall.hpp"

#include <vector>

#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"
#include "module/store_lookup.hpp"

namespace ipfence::module {

namespace {

bool must_ask_for(const NearCache &cache, const Digest &key) {
    std::optional<Remembered> unused;
    return cache.recall(key, memory_now(), unused) == NearCache::Answer::must_ask;
}

bool must_ask_for_session(const NearCache &cache, const Digest &key) {
    SessionMemory unused;
    return cache.recall_session(key, memory_now(), unused) == NearCache::Answer::must_ask;
}

template <class MustAsk>
std::vector<Digest> to_ask_for(std::span<const Digest> keys, const NearCache &cache,
                               MustAsk &&must_ask) {
    std::vector<Digest> chosen;
    for (const Digest &key : keys) {
        if (must_ask(cache, key)) {
            chosen.push_back(key);
        }
    }
    return chosen;
}

Recall recall_of(StoreLookup::State state, const SharedStore &store) noexcept {
    switch (state) {
        case StoreLookup::State::settled:
            return Recall::settled;
        case StoreLookup::State::waiting:
            return Recall::pending;
        case StoreLookup::State::failed:
            break;
    }
    return store.settings().on_failure == StoreFailure::local ? Recall::settled
                                                              : Recall::unavailable;
}

// After `make_known`; `remembered` is empty. Not inlined: without a store there is less to do.
[[gnu::noinline]] void recall_with_store(const Memory &memory, SharedStore &store,
                                         const StoreLookup *lookup, const Digest &key,
                                         std::optional<Remembered> &remembered) {
    const CredentialFetch *fetch = lookup == nullptr ? nullptr : lookup->credential(key);
    if (fetch != nullptr && fetch->outcome() != Fetched::pending) {
        remembered = fetch->remembered();
    } else if (lookup != nullptr && lookup->has_failed()) {
        memory.recall(key, memory_now(), remembered);  // on_failure=local
    } else {
        store.near_cache().recall(key, memory_now(), remembered);
    }
}

}  // namespace

Recall make_known_by_store(RequestState &state, SharedStore &store,
                           std::span<const Digest> credentials, std::span<const Digest> sessions) {
    const NearCache &cache = store.near_cache();
    const auto missing = to_ask_for(credentials, cache, must_ask_for);
    const auto missing_sessions = to_ask_for(sessions, cache, must_ask_for_session);
    if (missing.empty() && missing_sessions.empty()) {
        return Recall::settled;
    }
    if (state.store_lookup == nullptr) {
        state.store_lookup = StoreLookup::make(state, store);
    }
    return state.store_lookup == nullptr
               ? Recall::unavailable
               : recall_of(state.store_lookup->ask(missing, missing_sessions), store);
}

void recall(const RequestState &state, const Digest &key, std::optional<Remembered> &remembered) {
    const Memory *memory = memory_of(state);
    SharedStore *store = main_configuration(state.request)->store;
    if (memory != nullptr && store == nullptr) {
        memory->recall(key, memory_now(), remembered);
        return;
    }
    remembered.reset();
    if (memory != nullptr) {
        recall_with_store(*memory, *store, state.store_lookup.get(), key, remembered);
    }
}

bool may_be_known_elsewhere(const RequestState &state, const Digest &key) {
    SharedStore *store = main_configuration(state.request)->store;
    if (store == nullptr) {
        return false;
    }
    const CredentialFetch *fetch =
        state.store_lookup == nullptr ? nullptr : state.store_lookup->credential(key);
    const bool is_answered = fetch != nullptr && fetch->outcome() != Fetched::pending;
    return !is_answered && must_ask_for(store->near_cache(), key);
}

void recall_session(const RequestState &state, const Digest &key, SessionMemory &session) {
    const ngx_http_ipfence_main_conf_t *main = main_configuration(state.request);
    session.state = SessionMemory::State::unknown;
    session.count = 0;
    session.left = 0;
    Memory *memory = memory_of(state);
    if (memory == nullptr) {
        return;
    }
    const SessionFetch *fetch = main->store == nullptr || state.store_lookup == nullptr
                                    ? nullptr
                                    : state.store_lookup->session(key);
    if (fetch != nullptr && fetch->outcome() != Fetched::pending) {
        session = fetch->session();
        return;
    }
    memory->recall_session(key, memory_now(), session);
    memory->claim_session(key, session, memory_now());
}

}  // namespace ipfence::module
