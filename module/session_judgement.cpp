#include "module/session_judgement.hpp"

#include "engine/made_in_place.hpp"
#include "module/access_gate.hpp"
#include "module/cookies.hpp"

namespace ipfence::module {

namespace {

// Makes of `strictest` the last judgement, or the first denial, after which nothing is judged any
// more.
template <class Judge>
void judge_unless_denied(std::optional<Judgement> &strictest, Judge judge) {
    if (!strictest || strictest->decision.allowed()) {
        strictest.emplace(MadeInPlace(judge));
    }
}

// A cookie that is ambiguous, unknown, or whose session lost something identifies nobody.
Judgement judge_cookie(RequestState &state, const Policy &policy,
                       const SessionCookies::Cookie &cookie) {
    const AccessFacts &facts = state.access->facts;
    if (!cookie.key) {
        return judge_unidentified(policy, facts);
    }
    const SessionMemory *session = state.access->recall_session(state, *cookie.key);
    return session != nullptr && session->state == SessionMemory::State::known
               ? judge_session(policy, facts, session->grants())
               : judge_unidentified(policy, facts);
}

bool has_token(const RequestState &state) noexcept {
    return state.access->token.kind != PresentedToken::Kind::none;
}

// A browser sends its cookies to an API, too, which goes by the token.
bool goes_by_cookies(const RequestState &state) noexcept {
    return !has_token(state) || state.kind != NGX_HTTP_IPFENCE_RESOURCE;
}

}  // namespace

Recall make_deciding_sessions_known(RequestState &state) {
    return goes_by_cookies(state) ? make_sessions_known(state) : Recall::settled;
}

std::optional<Judgement> judge_credentials(RequestState &state, const Policy &policy) {
    const AccessRequest &access = *state.access;
    std::optional<Judgement> strictest;

    if (has_token(state)) {
        judge_unless_denied(strictest, [&] {
            return access.origin ? judge_access(policy, access.facts, *access.origin)
                                 : judge_unidentified(policy, access.facts);
        });
    }
    if (goes_by_cookies(state)) {
        const SessionCookies cookies(state.request);
        for (const SessionCookies::Cookie &cookie : cookies.all()) {
            if (cookie.is_present) {
                judge_unless_denied(strictest, [&] { return judge_cookie(state, policy, cookie); });
            }
        }
    }
    if (!strictest && !access.facts.assured_user.empty()) {
        strictest = judge_unidentified(policy, access.facts);
    }
    return strictest;
}

}  // namespace ipfence::module
