#include "engine/endpoint/session_access.hpp"

#include <algorithm>

#include "engine/credential/named_user.hpp"
#include "engine/decision/name_unless_empty.hpp"
#include "engine/endpoint/browser_login.hpp"

namespace ipfence {

namespace {

bool is_activated(const AccessFacts &facts, const SessionOrigin &origin, std::string_view user) {
    return is_device_activated(origin, facts.device_keys, user) ||
           is_device_tagged(facts.device_tag, facts.device_keys, user);
}

// Where the provider may have asked who it is, whoever signed in last is not known before the code
// is redeemed, or a later one is. `later` begins with the grant.
bool may_be_of_another_user(const GrantRecord &grant, std::span<const GrantRecord> later) noexcept {
    return !grant.undecided_users().empty() && last_known_user(later).empty();
}

}  // namespace

Judgement judge_access(const Policy &policy, const AccessFacts &facts,
                       const SessionOrigin &origin) {
    // What the deployment knows better.
    const bool is_other_user = !facts.assured_user.empty() && facts.assured_user != origin.user;
    const std::string_view user = is_other_user ? facts.assured_user : origin.user;
    const std::string_view app = facts.assured_app.empty() ? origin.app : facts.assured_app;
    // The profile that a token claimed is its own user's, if it names one.
    const bool is_claim_of_another = is_other_user && !origin.user.empty();

    Judgement judgement{
        .request =
            {
                .client_address = facts.client_address,
                .user = name_unless_empty(user),
                .app = name_unless_empty(app),
                .operation = facts.operation,
                .flow = origin.flow,
                .refreshed = origin.refreshed,
                .device_activated = is_activated(facts, origin, user),
                .claimed_profile = is_claim_of_another ? std::nullopt : origin.claimed_profile,
                .origins = facts.origins,
            },
        .decision = {},
    };
    decide(policy, judgement.request, judgement.decision);
    return judgement;
}

std::string_view last_known_user(std::span<const GrantRecord> grants) noexcept {
    std::string_view user;
    for (const GrantRecord &grant : grants) {
        if (!grant.user().empty()) {
            user = grant.user();
        }
    }
    return user;
}

const GrantRecord *login_of_session(std::span<const GrantRecord> grants) noexcept {
    const auto last = std::find_if(grants.rbegin(), grants.rend(), [](const GrantRecord &grant) {
        return !grant.user().empty() || !grant.undecided_users().empty();
    });
    return last == grants.rend() || last->user().empty() ? nullptr : &*last;
}

std::string_view user_of_session(std::span<const GrantRecord> grants) noexcept {
    const GrantRecord *const login = login_of_session(grants);
    return login == nullptr ? std::string_view{} : login->user();
}

Judgement judge_session(const Policy &policy, const AccessFacts &facts,
                        std::span<const GrantRecord> grants) {
    Judgement judgement = judge_unidentified(policy, facts);
    const std::string_view user = last_known_user(grants);
    for (const GrantRecord &grant : grants) {
        const auto later = grants.subspan(static_cast<std::size_t>(&grant - grants.data()));
        const bool is_of_another = may_be_of_another_user(grant, later);
        if (is_possible_login(grant) && !is_of_another) {
            continue;
        }
        // A browser session was not obtained with a refresh token; what its apps obtained so makes
        // it a relaxed one, which blocks sensitive operations and opens nothing.
        SessionOrigin origin =
            origin_of(grant, is_sensitive(facts.operation) && grant.has(GrantRecord::kRefreshed));
        if (origin.user.empty() && !is_of_another) {
            origin.user = user;
        }
        judgement = judge_access(policy, facts, origin);
        if (!judgement.decision.allowed()) {
            break;
        }
    }
    return judgement;
}

Judgement judge_unidentified(const Policy &policy, const AccessFacts &facts) {
    return judge_access(policy, facts, {});
}

SessionOrigin origin_of(const Claims &claims, const Organization &organization) {
    SessionOrigin origin;
    // RFC 9068, section 2.2; RFC 7662, section 2.2; then what others say: OpenID Connect's `azp`,
    // Okta's `cid`, the `appid` of AD FS.
    for (const char *claim : {"client_id", "azp", "cid", "appid"}) {
        if (const auto client = claims.text(claim)) {
            origin.app = *client;
            break;
        }
    }
    origin.user = user_named_in(claims, organization.user_claims).user.value_or(std::string_view{});
    const std::string &profile = organization.profile_claim;
    if (!profile.empty() && claims.has(profile)) {
        origin.claimed_profile = claims.text(profile).value_or(std::string_view{});
    }
    return origin;
}

}  // namespace ipfence
