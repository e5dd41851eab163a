#include "module/replaced_sessions.hpp"

#include <algorithm>
#include <vector>

#include "module/cookies.hpp"
#include "module/learning.hpp"
#include "module/request_headers.hpp"
#include "module/set_cookies.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

bool may_replace_session(const RequestState &state) noexcept {
    return has_cookies(state.request) &&
           location_configuration(state.request)->session_cookies != nullptr &&
           memory_of(state) != nullptr;
}

Recall make_replaceable_sessions_known(RequestState &state) {
    if (main_configuration(state.request)->store == nullptr || !may_replace_session(state)) {
        return Recall::settled;
    }
    return make_known(state, {}, with_ended_sessions(state, session_readings(state.request)));
}

void watch_for_replaced_sessions(RequestState &state) noexcept {
    if (may_replace_session(state)) {
        state.response.mode = HeldResponse::Mode::header;
        state.response.stage = HeldResponse::Stage::waiting;
    }
}

void learn_replaced_sessions(const RequestState &state) {
    ngx_http_request_t *r = state.request;
    if (!may_replace_session(state) || !sets_cookies(r)) {
        return;
    }
    learn_replaced_sessions(state, sessions_after(r, SessionCookies(r)));
}

// Which session the provider goes by is its own to say: were it what the gate reads, an odd cookie
// would shake off what that one was given.
void learn_replaced_sessions(const RequestState &state, std::span<const BrowserSession> sessions) {
    Memory *memory = memory_of(state);
    if (memory == nullptr || std::ranges::none_of(sessions, &BrowserSession::is_set)) {
        return;
    }
    for (const Digest &key : session_readings(state.request)) {
        for (BrowserSession session : sessions) {
            if (session.is_set) {
                session.replaces = key;
                report_learned(state, learn_replaced_session(*memory, session, memory_now()));
            }
        }
    }
}

}  // namespace ipfence::module
