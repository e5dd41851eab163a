#include "module/session_judgement.hpp"

#include <new>

#include "module/access_gate.hpp"

namespace ipfence::module {

namespace {

// The last judgement, or the first denial.
class Strictest {
  public:
    void add(const Judgement &judgement) {
        if (!judgement_ || judgement_->decision.allowed()) {
            judgement_ = judgement;
        }
    }
    const std::optional<Judgement> &result() const noexcept { return judgement_; }

  private:
    std::optional<Judgement> judgement_;
};

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
    Strictest strictest;

    if (has_token(state)) {
        strictest.add(access.origin ? judge_access(policy, access.facts, *access.origin)
                                    : judge_unidentified(policy, access.facts));
    }
    if (goes_by_cookies(state)) {
        const SessionCookies cookies(state.request);
        for (const SessionCookies::Cookie &cookie : cookies.all()) {
            if (cookie.is_present) {
                strictest.add(judge_cookie(state, policy, cookie));
            }
        }
    }
    if (!strictest.result() && !access.facts.assured_user.empty()) {
        strictest.add(judge_unidentified(policy, access.facts));
    }
    return strictest.result();
}

}  // namespace ipfence::module
