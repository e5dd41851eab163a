#include "module/authorization_answer.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/credential/authorization_response.hpp"
#include "module/authorization_gate.hpp"
#include "module/configured_values.hpp"
#include "module/learning.hpp"
#include "module/outcome.hpp"
#include "module/pool_text.hpp"
#include "module/recall.hpp"
#include "module/replaced_sessions.hpp"
#include "module/request_headers.hpp"
#include "module/response_judgement.hpp"
#include "module/revocation.hpp"
#include "module/set_cookies.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

AuthorizationResponse read_answer(const RequestState &state) {
    const HeldResponse &response = state.response;
    return read_authorization_response(
        response.status, response.content_coded, response.location, response.is_html,
        {reinterpret_cast<const char *>(response.body), response.size},
        identity_claims_of(state.policy().organization()));
}

std::span<const BrowserSession> kept(ngx_pool_t *pool,
                                     const std::vector<BrowserSession> &sessions) {
    static_assert(std::is_trivially_copyable_v<BrowserSession>, "nobody destroys it");
    if (sessions.empty()) {
        return {};
    }
    void *memory = ngx_palloc(pool, sessions.size() * sizeof(BrowserSession));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    auto *copies = static_cast<BrowserSession *>(memory);
    std::ranges::uninitialized_copy(sessions, std::span(copies, sessions.size()));
    return {copies, sessions.size()};
}

bool is_one_of(const Digest &key, std::span<const BrowserSession> sessions) noexcept {
    return std::ranges::any_of(
        sessions, [&key](const BrowserSession &session) { return session.key == key; });
}

bool knows_session(const RequestState &state, const Memory &memory, const Digest &key) {
    SessionMemory session;
    recall_session(state, key, session);
    return session.state != SessionMemory::State::unknown || memory.has_remains(key, memory_now());
}

// The sessions that receive what is issued. Of an ambiguous cookie each that is known, which
// restricts it and makes none known that was not.
std::vector<BrowserSession> receiving_sessions(const RequestState &state, const Memory &memory) {
    const auto after = state.authorization->sessions;
    std::vector<BrowserSession> receiving(after.begin(), after.end());
    const std::vector<Digest> read = SessionCookies(state.request).keys();
    for (const Digest &key : session_readings(state.request)) {
        if (std::ranges::find(read, key) == read.end() && !is_one_of(key, receiving) &&
            knows_session(state, memory, key)) {
            receiving.push_back({.key = key, .replaces = {}, .lifetime = 0});
        }
    }
    return receiving;
}

bool replaces_session(const RequestState &state) {
    const std::vector<Digest> presented = SessionCookies(state.request).keys();
    return std::ranges::any_of(
        state.authorization->sessions, [&presented](const BrowserSession &session) {
            return session.is_set && std::ranges::find(presented, session.key) == presented.end();
        });
}

// Whether by this request somebody may sign in in place of whom the browser's sessions are of: by a
// form, or by a step that names no client, as by a link in a mail or from another provider.
bool may_sign_in(const RequestState &state) noexcept {
    const AuthorizationAttempt &attempt = *state.authorization;
    return !attempt.browser_users.empty() && attempt.facts.assured_user.empty() &&
           (has_body(state.request) || attempt.named_client.empty());
}

// Of whom the browser is known to be, those for whom the answer is still to be decided. Of one that
// is decided the first one says that its sessions may be another user's.
std::string undecided_users_of(const RequestState &state, bool is_decided) {
    const std::span<const std::string_view> users = state.authorization->browser_users;
    if (is_decided) {
        return names_in_one(users.first(may_sign_in(state) ? 1 : 0));
    }
    return names_in_one(users);
}

// Who signs in without being given anything gets another session at least.
void learn_possible_logins(RequestState &state) {
    Memory *memory = memory_of(state);
    if (memory == nullptr || !may_sign_in(state) || !replaces_session(state)) {
        return;
    }
    const AuthorizationAttempt &attempt = *state.authorization;
    const std::string users = undecided_users_of(state, true);
    for (const BrowserSession &session : receiving_sessions(state, *memory)) {
        report_learned(state, learn_possible_login(*memory, {attempt.facts.client_address, users},
                                                   session, memory_now()));
    }
}

// False where something is still to be decided of it, and cannot be remembered.
bool learn(RequestState &state, const AuthorizationResponse &response,
           std::string_view assured_user, bool is_decided) {
    Memory *memory = memory_of(state);
    if (memory == nullptr) {
        return true;
    }
    const AuthorizationAttempt &attempt = *state.authorization;
    const std::string undecided = undecided_users_of(state, is_decided);
    const BrowserLogin login{
        .client_address = attempt.facts.client_address,
        .undecided_users = undecided,
    };
    const Learned learned = learn_authorization(
        *memory, response.code, response.tokens, origin_of(attempt.facts, response, assured_user),
        login, receiving_sessions(state, *memory), memory_now());
    report_learned(state, learned);
    return is_decided || undecided.empty() || learned < Learned::refused;
}

// E12: the client that the request named and the one that the tokens were made for. What the
// deployment calls the app is neither.
bool is_for_another_app(std::string_view named_client, const IssuedTokens &tokens) noexcept {
    return !named_client.empty() && !tokens.client_id.empty() && named_client != tokens.client_id;
}

// A code names nobody: whose session it is was not asked before the app was known.
std::optional<Judgement> judge_issued(const Policy &policy, const AuthorizationAttempt &attempt,
                                      const AuthorizationResponse &response,
                                      std::string_view assured_user) {
    const auto judgement =
        judge_authorization_response(policy, attempt.facts, response, assured_user);
    return judgement || !attempt.app_is_to_come
               ? judgement
               : judge_authorization_request(policy, attempt.facts);
}

Outcome judge_what_is_issued(RequestState &state, const AuthorizationResponse &response) {
    ngx_http_request_t *r = state.request;
    AuthorizationAttempt &attempt = *state.authorization;
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        revoke_withheld(state, response.tokens, attempt.named_client);
        return record_unreadable(state, kUnusableName);
    }
    if (is_for_another_app(attempt.named_client, response.tokens)) {
        // The provider revokes them for the client that they were made for (RFC 7009, section 2.1).
        revoke_withheld(state, response.tokens, response.tokens.client_id);
        return record_response_verdict(state, Outcome::deny, Reason::app_mismatch);
    }
    if (!names.app.empty()) {
        attempt.facts.client_id = in_pool(r->pool, names.app);
    }
    const auto judgement = judge_issued(state.policy(), attempt, response, names.user);
    if (judgement && !judgement->decision.allowed() && state.is_enforced) {
        revoke_withheld(state, response.tokens, attempt.named_client);
        return record_kept(state, *judgement);
    }
    if (!learn(state, response, names.user, judgement || state.verdict)) {
        return record_unreadable(state, "it is not decided yet, and cannot be remembered");
    }
    // Monitor: a request that was to be denied would have had no answer.
    if (judgement && !state.was_to_be_denied()) {
        return record_kept(state, *judgement);
    }
    return state.verdict
               ? Outcome::allow
               : record_response_verdict(state, Outcome::allow, Reason::user_undetermined);
}

}  // namespace

void note_session_cookies(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const SessionCookies presented(r);
    for (const SessionCookies::Cookie &cookie : presented.all()) {
        if (change_of_cookie(r, cookie.name).kind == CookieChange::Kind::removed) {
            forget_session(state, cookie);
        }
    }
    state.authorization->sessions = kept(r->pool, sessions_after(r, presented));
}

void revoke_authorization_answer(RequestState &state) {
    revoke_withheld(state, read_answer(state).tokens, state.authorization->named_client);
}

Outcome judge_authorization_answer(RequestState &state) {
    const AuthorizationResponse response = read_answer(state);
    learn_replaced_sessions(state, state.authorization->sessions);
    switch (response.kind) {
        case AuthorizationResponse::Kind::nothing:
            learn_possible_logins(state);
            return state.verdict ? Outcome::allow
                                 : record_response_verdict(state, Outcome::allow, Reason::observed);
        case AuthorizationResponse::Kind::issues:
            return judge_what_is_issued(state, response);
        case AuthorizationResponse::Kind::unreadable:
            break;
    }
    revoke_withheld(state, response.tokens, state.authorization->named_client);
    return record_unreadable(state, response.problem);
}

}  // namespace ipfence::module
