#include "engine/endpoint/authorization_endpoint.hpp"

#include <initializer_list>

#include "engine/decision/name_unless_empty.hpp"

namespace ipfence {

namespace {

Judgement judge_login(const Policy &policy, const AuthorizationFacts &facts,
                      const SessionOrigin &origin) {
    return judge(policy, {
                             .client_address = facts.client_address,
                             .user = name_unless_empty(origin.user),
                             .app = name_unless_empty(origin.app),
                             .operation = Operation::login,
                             .flow = origin.flow,
                             .device_activated = origin.device_activated,
                             .claimed_profile = origin.claimed_profile,
                             .origins = facts.origins,
                         });
}

// A code is decided when it is exchanged; before that, only where user and app are known. A step
// inside the provider's pages does not say for which app it is, which is not "no app".
bool is_known(const Policy &policy, const SessionOrigin &origin) noexcept {
    return !origin.user.empty() && !origin.app.empty() &&
           (origin.claimed_profile || profile_is_known(policy, origin.user));
}

std::optional<Judgement> judge_request_of(const Policy &policy, const AuthorizationFacts &facts,
                                          std::string_view user) {
    SessionOrigin origin{
        .app = facts.client_id,
        .user = user,
        .flow = Flow::web_server,
        .device_tag = facts.device_tag,
    };
    // Of an app that nobody knows nothing is relaxed.
    const bool is_of_unknown_app = facts.may_be_of_any_app && origin.app.empty() && !user.empty() &&
                                   profile_is_known(policy, user);
    if (!is_known(policy, origin) && !is_of_unknown_app) {
        return std::nullopt;
    }
    origin.device_activated = is_device_activated(origin, facts.device_keys, user);
    return judge_login(policy, facts, origin);
}

std::string_view first_of(std::initializer_list<std::string_view> names) noexcept {
    for (const std::string_view name : names) {
        if (!name.empty()) {
            return name;
        }
    }
    return {};
}

}  // namespace

std::optional<Judgement> judge_authorization_request(const Policy &policy,
                                                     const AuthorizationFacts &facts) {
    if (!facts.assured_user.empty()) {
        return judge_request_of(policy, facts, facts.assured_user);
    }
    std::optional<Judgement> judgement;
    for (const std::string_view user : facts.session_users) {
        const auto of_user = judge_request_of(policy, facts, user);
        judgement = of_user ? of_user : judgement;
        if (judgement && !judgement->decision.allowed()) {
            break;
        }
    }
    return judgement;
}

std::optional<Judgement> judge_authorization_response(const Policy &policy,
                                                      const AuthorizationFacts &facts,
                                                      const AuthorizationResponse &response,
                                                      std::string_view assured_user) {
    const SessionOrigin origin = origin_of(facts, response, assured_user);
    if (!is_known(policy, origin) && !response.has_token()) {
        return std::nullopt;
    }
    return judge_login(policy, facts, origin);
}

SessionOrigin origin_of(const AuthorizationFacts &facts, const AuthorizationResponse &response,
                        std::string_view assured_user) {
    const IssuedTokens &tokens = response.tokens;
    SessionOrigin origin{
        .app = first_of({facts.client_id, tokens.client_id}),
        .user = first_of({assured_user, tokens.user}),
        .flow = response.code.empty() ? Flow::user_agent : Flow::web_server,
        .device_tag = facts.device_tag,
    };
    if (tokens.profile_claimed) {
        origin.claimed_profile = tokens.claimed_profile;
    }
    origin.device_activated =
        tokens.verified || is_device_activated(origin, facts.device_keys, origin.user);
    return origin;
}

}  // namespace ipfence
