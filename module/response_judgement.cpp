#include "module/response_judgement.hpp"

#include <algorithm>
#include <array>

#include "engine/credential/token_response.hpp"
#include "module/answer_headers.hpp"
#include "module/authorization_answer.hpp"
#include "module/configured_values.hpp"
#include "module/header_value.hpp"
#include "module/learning.hpp"
#include "module/outcome.hpp"
#include "module/pool_text.hpp"
#include "module/request_headers.hpp"
#include "module/revocation.hpp"
#include "module/store_telling.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

// Of several lines of one name all count, which nginx's own fields do not show. Those have the
// location of its own redirects only; a proxied one is in the list.
void note_fields(ngx_http_request_t *r, HeldResponse &response) {
    response.location = {};
    response.has_two_locations = false;
    response.content_coded = false;
    for_each_header(r->headers_out.headers, [&response](const ngx_table_elt_t &header) {
        const std::string_view value = view(header.value);
        if (is_answered_as(header, "Location")) {
            response.has_two_locations |= !response.location.empty() && response.location != value;
            response.location = value;
        } else if (is_answered_as(header, "Content-Encoding")) {
            response.content_coded |= !value.empty() && value != "identity";
        }
    });
}

// Also what browsers look into themselves, as its type is none or says so (WHATWG's MIME Sniffing,
// section 7).
bool may_be_html(const ngx_http_request_t *r) noexcept {
    constexpr std::array<std::string_view, 5> kTypes{
        "text/html", "application/xhtml+xml", "unknown/unknown", "application/unknown", "*/*"};
    const std::string_view type = view(r->headers_out.content_type);
    return type.find('/') == std::string_view::npos ||
           std::ranges::any_of(kTypes, [type](std::string_view name) {
               return equals_ignoring_case(type.substr(0, name.size()), name);
           });
}

TokenResponse read_response(const RequestState &state) {
    const HeldResponse &response = state.response;
    return read_token_response(response.status, response.content_coded, response.location,
                               {reinterpret_cast<const char *>(response.body), response.size},
                               identity_claims_of(state.policy().organization()));
}

// A name in pool memory: the audit log and variables outlive the parsed answer.
std::optional<std::string_view> keep(ngx_http_request_t *r, std::optional<std::string_view> name) {
    if (!name) {
        return std::nullopt;
    }
    const std::string_view kept = in_pool(r->pool, *name);
    return kept.empty() ? std::nullopt : std::optional(kept);
}

const Judgement *earlier_judgement(const RequestState &state) noexcept {
    return state.verdict && state.verdict->judgement ? &*state.verdict->judgement : nullptr;
}

// I23: whose tokens these are nobody can say any more, so nobody shall know them. The deployment
// can: what it calls the user need not be what tokens do.
bool names_another_user(const RequestState &state, const IssuedTokens &tokens,
                        std::string_view assured_user) noexcept {
    const std::optional<SessionOrigin> &remembered = state.token->facts.remembered;
    return remembered && !remembered->user.empty() && !tokens.user.empty() &&
           tokens.user != remembered->user && assured_user != remembered->user;
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

// Monitor: the request was to be denied, and has its line. What is issued all the same is
// remembered as what it is, for it is used where denials are enforced, or once they are.
void learn_although_denied(RequestState &state) {
    const TokenResponse response = read_response(state);
    const ConfiguredNames names = configured_names(state.request, *state.conf);
    if (response.kind == TokenResponse::Kind::tokens && !names.is_unusable) {
        learn_tokens_unless_doubtful(
            state, response.tokens, names.user,
            judge_issued_tokens(state.policy(), state.token->facts, response.tokens, names.user));
    }
}

Outcome record_too_large(RequestState &state) {
    ngx_log_error(
        NGX_LOG_ERR, state.request->connection->log, 0,
        "ipfence: the provider's answer cannot be judged: it is larger than "
        "\"ipfence_response_limit\" (%uz bytes); raise the limit if such answers are right",
        state.conf->response_limit);
    return record_response_verdict(state, Outcome::deny, Reason::response_too_large);
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

}  // namespace

IdentityClaims identity_claims_of(const Organization &organization) noexcept {
    return {
        .user_claims = organization.user_claims,
        .profile_claim = organization.profile_claim,
        .verified_amr = organization.verification_claims.amr,
        .verified_acr = organization.verification_claims.acr,
    };
}

Outcome record_unreadable(RequestState &state, std::string_view problem) {
    const ngx_str_t text = ngx_view(problem);
    ngx_log_error(NGX_LOG_ERR, state.request->connection->log, 0,
                  "ipfence: the provider's answer cannot be judged: %V", &text);
    return record_response_verdict(state, Outcome::deny, Reason::response_unreadable);
}

Outcome record_kept(RequestState &state, Judgement judgement) {
    ngx_http_request_t *r = state.request;
    judgement.request.user = keep(r, judgement.request.user);
    judgement.request.app = keep(r, judgement.request.app);
    if (judgement.request.claimed_profile) {
        judgement.request.claimed_profile = in_pool(r->pool, *judgement.request.claimed_profile);
    }
    return record_response_verdict(state, judgement.decision.outcome, judgement.decision.reason,
                                   judgement);
}

void note_response_header(RequestState &state) {
    ngx_http_request_t *r = state.request;
    state.response.status = static_cast<unsigned>(r->headers_out.status);
    state.response.is_html = may_be_html(r);
    note_fields(r, state.response);
    if (state.authorization != nullptr) {
        note_session_cookies(state);
    }
}

Outcome judge_response(RequestState &state) {
    const LearningScope scope(state);
    if (state.token != nullptr && state.was_to_be_denied()) {
        if (!state.response.too_large) {
            learn_although_denied(state);
        }
        return Outcome::allow;
    }
    if (state.response.too_large) {
        return record_too_large(state);
    }
    if (state.response.has_two_locations) {
        return record_unreadable(state, "it leads to two places");
    }
    return state.authorization != nullptr ? judge_authorization_answer(state)
                                          : judge_token_answer(state);
}

void revoke_answer(RequestState &state) {
    if (state.authorization != nullptr) {
        revoke_authorization_answer(state);
        return;
    }
    if (state.token == nullptr) {
        return;
    }
    revoke_issued(state, read_response(state));
}

}  // namespace ipfence::module
