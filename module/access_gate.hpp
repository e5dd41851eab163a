#pragma once

#include <memory>

#include "engine/credential/presented_token.hpp"
#include "engine/endpoint/session_access.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// What is remembered of a session that a request inside it showed.
struct RecalledSession : Recycled<RecalledSession> {
    std::unique_ptr<RecalledSession> former;
    SessionMemory memory;
};

/// What the gate keeps of a request inside a session.
struct AccessRequest : Recycled<AccessRequest> {
    std::unique_ptr<AccessRequest> former;  ///< of a place that the request was in before
    AccessFacts facts;
    PresentedToken token;
    std::optional<Digest> token_key;  ///< the token's digest, once it was asked for

    /// What memory, a signature or the provider says of the token; empty: nothing knows it.
    std::optional<SessionOrigin> origin;
    std::optional<Remembered> remembered;  ///< what `origin` may be a view on

    enum class Introspection : std::uint8_t { not_asked, waiting, answered };
    Introspection introspection = Introspection::not_asked;
    bool is_inactive = false;          ///< the provider says that the token is not valid
    ngx_http_posted_request_t waking;  ///< nginx's, for what was asked in the background

    std::unique_ptr<RecalledSession> sessions;  ///< what judgements have views on

    /// One more of `sessions`; null when there is no memory.
    const SessionMemory *recall_session(const RequestState &state, const Digest &key);
};

/// What the gate does with a request of kind `resource`, `password_change`,
/// `verification_registration` or `login_flow`: finds its credential, who that stands for, and
/// decides. Called again when a form body or an introspection has arrived. Returns what the phase
/// handler must return.
ngx_int_t gate_access_request(RequestState &state);

}  // namespace ipfence::module
