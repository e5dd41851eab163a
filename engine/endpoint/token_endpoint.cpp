#include "engine/endpoint/token_endpoint.hpp"

namespace ipfence {

namespace {

std::optional<std::string_view> given(std::string_view name) noexcept {
    return name.empty() ? std::nullopt : std::optional(name);
}

Judgement judge(const Policy &policy, const TokenRequestFacts &facts, std::string_view user,
                std::optional<std::string_view> claimed_profile = std::nullopt) noexcept {
    DecisionRequest request = decision_request_of(facts, user);
    request.claimed_profile = claimed_profile;
    return {request, decide(policy, request)};
}

// Two providers may read one Authorization header as two clients; that matters where the policy
// knows the other one.
bool names_two_apps(const Policy &policy, const TokenRequestFacts &facts) noexcept {
    return !facts.raw_client_id.empty() && policy.find_app(facts.raw_client_id) != nullptr;
}

bool is_listed(const Policy &policy, std::string_view user) noexcept {
    return !user.empty() && policy.find_user(user) != nullptr;
}

// The profile of a user that the policy does not list may yet be named by a claim of its token.
bool profile_is_known(const Policy &policy, std::string_view user) noexcept {
    return policy.organization().profile_claim.empty() || is_listed(policy, user);
}

TokenRequestVerdict decided(const Judgement &judgement, TokenRequestVerdict::Next if_allowed) {
    using Next = TokenRequestVerdict::Next;
    return {judgement.decision.allowed() ? if_allowed : Next::deny, judgement};
}

std::string_view user_of_response(const Policy &policy, const TokenRequestFacts &facts,
                                  const TokenResponse &response,
                                  std::string_view assured_user) noexcept {
    if (!assured_user.empty()) {
        return assured_user;
    }
    if (response.users_disagree) {
        return {};
    }
    if (!response.user.empty()) {
        return response.user;
    }
    return is_listed(policy, facts.typed_user) ? facts.typed_user : std::string_view{};
}

}  // namespace

Operation operation_of(Grant grant) noexcept {
    return grant == Grant::refresh_token ? Operation::refresh : Operation::login;
}

Flow flow_of(Grant grant) noexcept {
    switch (grant) {
        case Grant::authorization_code:
            return Flow::web_server;
        case Grant::password:
            return Flow::username_password;
        case Grant::client_credentials:
            return Flow::client_credentials;
        case Grant::jwt_bearer:
            return Flow::jwt_bearer;
        case Grant::saml2_bearer:
            return Flow::saml_bearer;
        case Grant::device_code:
            return Flow::device;
        case Grant::token_exchange:
            return Flow::token_exchange;
        case Grant::refresh_token:
        case Grant::extension:
            break;
    }
    return Flow::unknown;
}

DecisionRequest decision_request_of(const TokenRequestFacts &facts,
                                    std::string_view user) noexcept {
    return {
        .client_address = facts.client_address,
        .user = given(user),
        .app = given(facts.client_id),
        .operation = operation_of(facts.grant),
        .flow = flow_of(facts.grant),
    };
}

TokenRequestVerdict judge_token_request(const Policy &policy,
                                        const TokenRequestFacts &facts) noexcept {
    using Next = TokenRequestVerdict::Next;

    if (names_two_apps(policy, facts)) {
        return {Next::refuse, {}};
    }
    if (facts.grant == Grant::client_credentials) {
        return decided(judge(policy, facts, {}), Next::forward);
    }
    if (!facts.assured_user.empty()) {
        return profile_is_known(policy, facts.assured_user)
                   ? decided(judge(policy, facts, facts.assured_user), Next::forward_and_hold)
                   : TokenRequestVerdict{Next::hold, {}};
    }
    if (is_listed(policy, facts.typed_user)) {
        return decided(judge(policy, facts, facts.typed_user), Next::forward_and_hold);
    }
    return {Next::hold, {}};
}

std::optional<Judgement> judge_token_response(const Policy &policy, const TokenRequestFacts &facts,
                                              const TokenResponse &response,
                                              std::string_view assured_user,
                                              const Judgement *earlier) noexcept {
    const std::string_view user = user_of_response(policy, facts, response, assured_user);
    if (earlier != nullptr && earlier->request.user == given(user)) {
        return std::nullopt;
    }
    return judge(policy, facts, user,
                 response.profile_claimed
                     ? std::optional<std::string_view>(response.claimed_profile)
                     : std::nullopt);
}

}  // namespace ipfence
