#include "module/session_judgement.hpp"

#include <new>

#include "module/access_gate.hpp"
#include "module/shared_zone.hpp"

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
    SharedZone *zone = main_configuration(state.request)->zone;
    if (zone == nullptr || !cookie.key) {
        return judge_unidentified(policy, facts);
    }
    // In the pool: the judgement's names are views on it.
    void *memory = ngx_palloc(state.request->pool, sizeof(SessionMemory));
    if (memory == nullptr) {
        return judge_unidentified(policy, facts);
    }
    auto *session = new (memory) SessionMemory;
    zone->memory().recall_session(*cookie.key, memory_now(), *session);
    return session->state == SessionMemory::State::known
               ? judge_session(policy, facts, session->grants())
               : judge_unidentified(policy, facts);
}

}  // namespace

std::optional<Judgement> judge_credentials(RequestState &state, const Policy &policy) {
    const AccessRequest &access = *state.access;
    Strictest strictest;

    const bool has_token = access.token.kind != PresentedToken::Kind::none;
    if (has_token) {
        strictest.add(access.origin ? judge_access(policy, access.facts, *access.origin)
                                    : judge_unidentified(policy, access.facts));
    }
    // A browser sends its cookies to an API, too, which goes by the token.
    if (!has_token || state.kind != NGX_HTTP_IPFENCE_RESOURCE) {
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
