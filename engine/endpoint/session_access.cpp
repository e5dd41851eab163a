#include "engine/endpoint/session_access.hpp"

namespace ipfence {

namespace {

std::string_view last_known_user(std::span<const GrantRecord> grants) noexcept {
    std::string_view user;
    for (const GrantRecord &grant : grants) {
        if (!grant.user().empty()) {
            user = grant.user();
        }
    }
    return user;
}

bool is_activated(const AccessFacts &facts, const SessionOrigin &origin) {
    const SessionOrigin of_this_browser{.device_tag = facts.device_tag};
    return is_device_activated(origin, facts.device_keys, origin.user) ||
           is_device_activated(of_this_browser, facts.device_keys, origin.user);
}

}  // namespace

Judgement judge_access(const Policy &policy, const AccessFacts &facts,
                       const SessionOrigin &origin) {
    return judge(policy, {
                             .client_address = facts.client_address,
                             .user = name_unless_empty(origin.user),
                             .app = name_unless_empty(origin.app),
                             .operation = facts.operation,
                             .flow = origin.flow,
                             .refreshed = origin.refreshed,
                             .device_activated = is_activated(facts, origin),
                             .claimed_profile = origin.claimed_profile,
                         });
}

Judgement judge_session(const Policy &policy, const AccessFacts &facts,
                        std::span<const GrantRecord> grants) {
    Judgement judgement = judge_unidentified(policy, facts);
    const std::string_view user = last_known_user(grants);
    for (const GrantRecord &grant : grants) {
        SessionOrigin origin = origin_of(grant, grant.has(GrantRecord::kRefreshed));
        if (origin.user.empty()) {
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

}  // namespace ipfence
