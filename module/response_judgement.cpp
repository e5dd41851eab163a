#include "module/response_judgement.hpp"

#include <algorithm>
#include <array>

#include "engine/letter_case.hpp"
#include "module/answer_headers.hpp"
#include "module/authorization_answer.hpp"
#include "module/outcome.hpp"
#include "module/pool_text.hpp"
#include "module/replaced_sessions.hpp"
#include "module/request_headers.hpp"
#include "module/store_telling.hpp"
#include "module/token_answer.hpp"

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
               return equal_without_case(type.substr(0, name.size()), name);
           });
}

// A name in pool memory: the audit log and variables outlive the parsed answer.
std::optional<std::string_view> keep(ngx_http_request_t *r, std::optional<std::string_view> name) {
    if (!name) {
        return std::nullopt;
    }
    const std::string_view kept = in_pool(r->pool, *name);
    return kept.empty() ? std::nullopt : std::optional(kept);
}

Outcome record_too_large(RequestState &state) {
    ngx_log_error(
        NGX_LOG_ERR, state.request->connection->log, 0,
        "ipfence: the provider's answer cannot be judged: it is larger than "
        "\"ipfence_response_limit\" (%uz bytes); raise the limit if such answers are right",
        state.conf->response_limit);
    return record_response_verdict(state, Outcome::deny, Reason::response_too_large);
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
    } else if (state.token != nullptr) {
        learn_replaced_sessions(state);
    }
}

Outcome judge_response(RequestState &state) {
    const LearningScope scope(state);
    if (state.token != nullptr && state.was_to_be_denied()) {
        if (!state.response.too_large) {
            learn_denied_tokens(state);
        }
        return Outcome::allow;
    }
    if (state.response.too_large) {
        revoke_answer(state);  // what a redirect issues is in its header
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
    } else {
        revoke_token_answer(state);
    }
}

}  // namespace ipfence::module
