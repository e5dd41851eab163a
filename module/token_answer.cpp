#include "module/token_answer.hpp"

#include <optional>

#include "engine/credential/token_response.hpp"
#include "module/configured_values.hpp"
#include "module/learning.hpp"
#include "module/outcome.hpp"
#include "module/pool_text.hpp"
#include "module/response_judgement.hpp"
#include "module/revocation.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

TokenResponse read_response(const RequestState &state) {
    const HeldResponse &response = state.response;
    return read_token_response(response.status, response.content_coded, response.location,
                               {reinterpret_cast<const char *>(response.body), response.size},
                               identity_claims_of(state.policy().organization()));
}

const Judgement *earlier_judgement(const RequestState &state) noexcept {
    return state.verdict && state.verdict->judgement ? &*state.verdict->judgement : nullptr;
}

// I23: whose tokens these are nobody can say any more, so nobody shall know them. The deployment
// can: what it calls the user need not be what tokens do.
bool names_another_user(const RequestState &state, const IssuedTokens &tokens,
                        std::string_view assured_user) noexcept {
    const std::optional<SessionOrigin> &remembered = state.token->facts.remembered;
    return remembered && !state.token->facts.is_impersonation && !remembered->user.empty() &&
           !tokens.user.empty() && tokens.user != remembered->user &&
           assured_user != remembered->user;
}

void learn_tokens_unless_doubtful(RequestState &state, const IssuedTokens &tokens,
                                  std::string_view assured_user, const Judgement &judgement) {
    if (!names_another_user(state, tokens, assured_user)) {
        learn_token_response(state, tokens, judgement);
        return;
    }
    ngx_log_error(NGX_LOG_ERR, state.request->connection->log, 0,
                  "ipfence: the provider's answer names another user than the one whose session is "
                  "gone on with; its tokens are not remembered, and will be treated as unknown");
}

// What becomes of the request as one of the app that the answer names; empty where it has been
// decided as that already.
std::optional<TokenRequestVerdict> judge_as_of_app(RequestState &state, std::string_view app) {
    TokenRequestFacts &facts = state.token->facts;
    const bool is_another = !app.empty() && app != facts.client_id;
    if (!is_another && !facts.app_is_to_come) {
        return std::nullopt;
    }
    facts.app_is_to_come = false;
    if (is_another) {
        facts.client_id = in_pool(state.request->pool, app);
        facts.raw_client_id = {};
    }
    return judge_token_request(state.policy(), facts);
}

// What was decided so, if anything.
const Judgement *judgement_of(const std::optional<TokenRequestVerdict> &verdict) noexcept {
    using Next = TokenRequestVerdict::Next;
    const bool is_decided =
        verdict && (verdict->next == Next::deny || verdict->next == Next::forward ||
                    verdict->next == Next::forward_and_hold);
    return is_decided ? &*verdict->judgement : nullptr;
}

// What the provider issued and nobody gets, as far as it can be told.
void revoke_issued(RequestState &state, const TokenResponse &response) {
    revoke_withheld(state, response.tokens, state.token->client_authentication.client_id);
}

Outcome judge_tokens(RequestState &state, const TokenResponse &response) {
    ngx_http_request_t *r = state.request;
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        revoke_issued(state, response);
        return record_unreadable(state, kUnusableName);
    }
    const auto as_of_app = judge_as_of_app(state, names.app);
    if (as_of_app && as_of_app->next == TokenRequestVerdict::Next::refuse_mismatch) {
        revoke_issued(state, response);
        return record_response_verdict(state, Outcome::deny, Reason::app_mismatch,
                                       as_of_app->judgement);
    }
    const Judgement *earlier = as_of_app ? judgement_of(as_of_app) : earlier_judgement(state);
    auto judgement = judge_token_response(state.policy(), state.token->facts, response.tokens,
                                          names.user, earlier);
    if (!judgement && !as_of_app) {
        learn_tokens_unless_doubtful(state, response.tokens, names.user, *earlier);
        return Outcome::allow;
    }
    judgement = judgement ? judgement : *earlier;
    if (!judgement->decision.allowed() && state.is_enforced) {
        revoke_issued(state, response);
    } else {
        learn_tokens_unless_doubtful(state, response.tokens, names.user, *judgement);
    }
    return record_kept(state, *judgement);
}

// Whose ranges hold for client credentials does not depend on the answer, which was read to be
// remembered only.
bool is_settled(const RequestState &state) noexcept {
    return state.verdict && state.token->facts.grant == Grant::client_credentials;
}

Outcome pass_unremembered(RequestState &state, std::string_view problem) {
    const ngx_str_t text = ngx_view(problem);
    ngx_log_error(NGX_LOG_WARN, state.request->connection->log, 0,
                  "ipfence: tokens for client credentials are not remembered: %V", &text);
    return Outcome::allow;
}

}  // namespace

Outcome judge_token_answer(RequestState &state) {
    if (state.token == nullptr) {
        return record_response_verdict(state, Outcome::deny, Reason::internal_error);
    }
    const TokenResponse response = read_response(state);
    switch (response.kind) {
        case TokenResponse::Kind::no_token:
            return state.verdict
                       ? Outcome::allow
                       : record_response_verdict(state, Outcome::allow, Reason::no_token_issued);
        case TokenResponse::Kind::tokens:
            return judge_tokens(state, response);
        case TokenResponse::Kind::unreadable:
            break;
    }
    if (is_settled(state)) {
        return pass_unremembered(state, response.problem);
    }
    revoke_issued(state, response);
    return record_unreadable(state, response.problem);
}

void learn_denied_tokens(RequestState &state) {
    const TokenResponse response = read_response(state);
    const ConfiguredNames names = configured_names(state.request, *state.conf);
    if (response.kind == TokenResponse::Kind::tokens && !names.is_unusable) {
        learn_tokens_unless_doubtful(
            state, response.tokens, names.user,
            judge_issued_tokens(state.policy(), state.token->facts, response.tokens, names.user));
    }
}

void revoke_token_answer(RequestState &state) {
    if (state.token != nullptr) {
        revoke_issued(state, read_response(state));
    }
}

}  // namespace ipfence::module
