#include "engine/endpoint/token_endpoint.hpp"

#include <utility>

#include "engine/decision/name_unless_empty.hpp"

namespace ipfence {

namespace {

Judgement judge_for(const Policy &policy, const TokenRequestFacts &facts, std::string_view user,
                    std::optional<std::string_view> claimed_profile = std::nullopt,
                    bool verified = false) {
    DecisionRequest request = decision_request_of(facts, user);
    request.claimed_profile = claimed_profile;
    request.device_activated |= verified;
    return judge(policy, request);
}

// Two providers may read one Authorization header as two clients; that matters where the policy
// knows the other one.
bool names_two_apps(const Policy &policy, const TokenRequestFacts &facts) noexcept {
    return !facts.raw_client_id.empty() && policy.find_app(facts.raw_client_id) != nullptr;
}

// The app that what is redeemed was issued to, where it is for no other. A token is exchanged by
// another one as a rule (RFC 8693, section 1.1).
std::string_view bound_app(const TokenRequestFacts &facts) noexcept {
    const bool is_bound =
        facts.grant == Grant::authorization_code || facts.grant == Grant::refresh_token;
    return is_bound && facts.remembered ? facts.remembered->app : std::string_view{};
}

// F06: a code or refresh token that was issued to one app is not for another, whoever asks.
bool is_of_another_app(const TokenRequestFacts &facts) noexcept {
    const std::string_view app = bound_app(facts);
    return !app.empty() && !facts.client_id.empty() && app != facts.client_id;
}

// F12: of what began in a way that nobody knows, it may be true.
bool may_be_born_of_assertion(Flow flow) noexcept {
    return flow == Flow::jwt_bearer || flow == Flow::saml_bearer || flow == Flow::unknown;
}

Flow flow_of_exchange(const TokenRequestFacts &facts) noexcept {
    for (const auto &origin : {facts.remembered, facts.actor}) {
        if (origin && may_be_born_of_assertion(origin->flow)) {
            return origin->flow;
        }
    }
    return Flow::token_exchange;
}

TokenRequestVerdict decided(const Judgement &judgement, TokenRequestVerdict::Next if_allowed) {
    using Next = TokenRequestVerdict::Next;
    return {judgement.decision.allowed() ? if_allowed : Next::deny, judgement};
}

// Whose session is gone on with: not that of one who asks for tokens of somebody else.
const SessionOrigin *continued(const TokenRequestFacts &facts) noexcept {
    return facts.remembered && !facts.is_impersonation ? &*facts.remembered : nullptr;
}

std::string_view remembered_user(const TokenRequestFacts &facts) noexcept {
    const SessionOrigin *const origin = continued(facts);
    return origin != nullptr ? origin->user : std::string_view{};
}

std::string_view user_of_response(const Policy &policy, const TokenRequestFacts &facts,
                                  const IssuedTokens &tokens,
                                  std::string_view assured_user) noexcept {
    if (!assured_user.empty()) {
        return assured_user;
    }
    if (tokens.is_user_unclear) {
        return {};
    }
    if (!tokens.user.empty()) {
        return tokens.user;
    }
    if (!remembered_user(facts).empty()) {
        return remembered_user(facts);
    }
    return is_listed(policy, facts.typed_user) ? facts.typed_user : std::string_view{};
}

std::optional<std::string_view> remembered_profile(const TokenRequestFacts &facts) noexcept {
    const SessionOrigin *const origin = continued(facts);
    return origin != nullptr ? origin->claimed_profile : std::nullopt;
}

// The profile that was claimed before is its own user's.
std::optional<std::string_view> profile_of_response(const TokenRequestFacts &facts,
                                                    const IssuedTokens &tokens,
                                                    std::string_view user) noexcept {
    if (tokens.profile_claimed) {
        return tokens.claimed_profile;
    }
    const std::string_view before = remembered_user(facts);
    return before.empty() || before == user ? remembered_profile(facts) : std::nullopt;
}

// Whether a decision was made for this very user, of whom it knew all that matters.
bool still_stands(const Policy &policy, const Judgement &earlier, std::string_view user,
                  std::optional<std::string_view> profile) noexcept {
    return earlier.request.user == name_unless_empty(user) &&
           (earlier.request.claimed_profile == profile || is_listed(policy, user));
}

Judgement judge_remembered(const Policy &policy, const TokenRequestFacts &facts) {
    return judge_for(policy, facts, remembered_user(facts), remembered_profile(facts));
}

// RFC 8693, section 2.1: a party to a token exchange. An app in its own name is the user that it
// runs as, and relaxed as itself, but by nothing where an assertion is in the exchange.
Judgement judge_party(const Policy &policy, const TokenRequestFacts &facts,
                      const SessionOrigin &party) {
    DecisionRequest request = decision_request_of(facts, party.user);
    request.claimed_profile = party.claimed_profile;
    request.device_activated = is_device_activated(party, facts.device_keys, party.user);
    if (party.flow == Flow::client_credentials) {
        const Flow of_exchange = std::exchange(request.flow, party.flow);
        request.app = name_unless_empty(party.app);
        if (may_be_born_of_assertion(of_exchange)) {
            request.user = effective_user(policy, request);
            request.claimed_profile.reset();  // of whom an app runs as no claim says anything
            request.flow = of_exchange;
        }
    }
    return judge(policy, request);
}

// The first denial of those who must be allowed whomever the answer names: the actor, an app whose
// own token is the subject, and a subject who asks for tokens of somebody else.
std::optional<Judgement> denial_of_parties(const Policy &policy, const TokenRequestFacts &facts) {
    const bool is_party =
        facts.grant == Grant::token_exchange && facts.remembered &&
        (facts.is_impersonation || facts.remembered->flow == Flow::client_credentials);
    const SessionOrigin *const actor = facts.actor ? &*facts.actor : nullptr;
    const SessionOrigin *const subject = is_party ? &*facts.remembered : nullptr;
    for (const SessionOrigin *party : {actor, subject}) {
        if (party == nullptr) {
            continue;
        }
        const Judgement judgement = judge_party(policy, facts, *party);
        if (!judgement.decision.allowed()) {
            return judgement;
        }
    }
    return std::nullopt;
}

// F16: the browser's own request, now that it is known for which app and user it was.
std::optional<Judgement> denial_of_browser(const Policy &policy, const TokenRequestFacts &facts,
                                           std::string_view user,
                                           std::optional<std::string_view> profile, bool verified) {
    if (!facts.browser.is_undecided_for(user)) {
        return std::nullopt;
    }
    TokenRequestFacts of_browser = facts;
    of_browser.client_address = facts.browser.client_address;
    const Judgement judgement = judge_for(policy, of_browser, user, profile, verified);
    return judgement.decision.allowed() ? std::nullopt : std::optional(judgement);
}

}  // namespace

Operation operation_of(Grant grant) noexcept {
    return grant == Grant::refresh_token ? Operation::refresh : Operation::login;
}

Flow flow_of(const TokenRequestFacts &facts) noexcept {
    switch (facts.grant) {
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
            return flow_of_exchange(facts);
        case Grant::refresh_token:
            return facts.remembered ? facts.remembered->flow : Flow::unknown;
        case Grant::extension:
            break;
    }
    return Flow::unknown;
}

DecisionRequest decision_request_of(const TokenRequestFacts &facts, std::string_view user) {
    return {
        .client_address = facts.client_address,
        .user = name_unless_empty(user),
        .app = name_unless_empty(facts.client_id.empty() ? bound_app(facts) : facts.client_id),
        .operation = operation_of(facts.grant),
        .flow = flow_of(facts),
        .device_activated =
            facts.remembered && is_device_activated(*facts.remembered, facts.device_keys, user),
        .origins = facts.origins,
    };
}

TokenRequestVerdict judge_token_request(const Policy &policy, const TokenRequestFacts &facts) {
    using Next = TokenRequestVerdict::Next;

    if (names_two_apps(policy, facts)) {
        return {Next::refuse};
    }
    if (facts.app_is_to_come) {
        return {Next::hold};
    }
    if (is_of_another_app(facts)) {
        return {Next::refuse_mismatch, judge_for(policy, facts, remembered_user(facts))};
    }
    if (facts.grant == Grant::client_credentials) {
        return decided(judge_for(policy, facts, {}), Next::forward);
    }
    if (const auto denial = denial_of_parties(policy, facts)) {
        return {Next::deny, denial};
    }
    if (!facts.assured_user.empty()) {
        return profile_is_known(policy, facts.assured_user)
                   ? decided(judge_for(policy, facts, facts.assured_user), Next::forward_and_hold)
                   : TokenRequestVerdict{Next::hold};
    }
    if (!remembered_user(facts).empty()) {
        return decided(judge_remembered(policy, facts), Next::forward_and_hold);
    }
    if (is_listed(policy, facts.typed_user)) {
        return decided(judge_for(policy, facts, facts.typed_user), Next::forward_and_hold);
    }
    return {Next::hold};
}

std::optional<Judgement> judge_token_response(const Policy &policy, const TokenRequestFacts &facts,
                                              const IssuedTokens &tokens,
                                              std::string_view assured_user,
                                              const Judgement *earlier) {
    if (earlier != nullptr && facts.grant == Grant::client_credentials) {
        return std::nullopt;
    }
    if (const auto denial = denial_of_parties(policy, facts)) {
        return denial;  // the answer may have named another app
    }
    const std::string_view user = user_of_response(policy, facts, tokens, assured_user);
    const auto profile = profile_of_response(facts, tokens, user);
    if (const auto denial = denial_of_browser(policy, facts, user, profile, tokens.verified)) {
        return denial;
    }
    if (earlier != nullptr && still_stands(policy, *earlier, user, profile)) {
        return std::nullopt;
    }
    const Judgement judgement = judge_for(policy, facts, user, profile, tokens.verified);
    const std::string_view other = remembered_user(facts);
    if (!judgement.decision.allowed() || other.empty() || other == user) {
        return judgement;
    }
    return judge_remembered(policy, facts);  // what the tokens claim is not for the other one
}

Judgement judge_issued_tokens(const Policy &policy, const TokenRequestFacts &facts,
                              const IssuedTokens &tokens, std::string_view assured_user) {
    if (facts.grant == Grant::client_credentials) {
        return judge_for(policy, facts, {});
    }
    const std::string_view user = user_of_response(policy, facts, tokens, assured_user);
    return judge_for(policy, facts, user, profile_of_response(facts, tokens, user),
                     tokens.verified);
}

}  // namespace ipfence
