#include "module/response_judgement.hpp"

#include "engine/credential/token_response.hpp"
#include "module/configured_values.hpp"
#include "module/outcome.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// nginx sets headers_out.location for its own redirects only; a proxied one is in the list.
std::string_view location_header(ngx_http_request_t *r) {
    std::string_view location;
    for_each_header(r->headers_out.headers, [&location](const ngx_table_elt_t &header) {
        if (header.hash != 0 && header.key.len == sizeof("Location") - 1 &&
            ngx_strncasecmp(header.key.data, ngx_view("Location").data, header.key.len) == 0) {
            location = view(header.value);
        }
    });
    return location;
}

bool is_content_coded(const ngx_http_request_t *r) noexcept {
    const ngx_table_elt_t *coding = r->headers_out.content_encoding;
    return coding != nullptr && coding->hash != 0 && coding->value.len != 0 &&
           view(coding->value) != "identity";
}

TokenResponse read_response(const RequestState &state) {
    const Organization &organization = state.conf->policy->organization();
    const HeldResponse &response = state.response;
    return read_token_response(response.status, response.content_coded, response.location,
                               {reinterpret_cast<const char *>(response.body), response.size},
                               {organization.user_claims, organization.profile_claim});
}

Outcome conclude(RequestState &state, Outcome outcome, Reason reason,
                 const std::optional<Judgement> &judgement = std::nullopt) {
    record_response_verdict(state, outcome, reason, judgement);
    return outcome;
}

Outcome judge_unreadable(RequestState &state, std::string_view problem) {
    const ngx_str_t text = ngx_view(problem);
    ngx_log_error(NGX_LOG_ERR, state.request->connection->log, 0,
                  "ipfence: the provider's token response cannot be judged: %V", &text);
    return conclude(state, Outcome::deny, Reason::response_unreadable);
}

// A name in pool memory: the audit log and variables outlive the parsed answer.
std::optional<std::string_view> keep(ngx_http_request_t *r, std::optional<std::string_view> name) {
    if (!name) {
        return name;
    }
    auto *copy = static_cast<u_char *>(ngx_pnalloc(r->pool, name->size()));
    if (copy == nullptr) {
        return std::nullopt;
    }
    ngx_memcpy(copy, name->data(), name->size());
    return std::string_view(reinterpret_cast<const char *>(copy), name->size());
}

const Judgement *earlier_judgement(const RequestState &state) noexcept {
    return state.verdict && state.verdict->judgement ? &*state.verdict->judgement : nullptr;
}

Outcome judge_tokens(RequestState &state, const TokenResponse &response) {
    ngx_http_request_t *r = state.request;
    const ConfiguredValue user = first_configured_value(r, state.conf->users);
    if (user.is_unusable) {
        return judge_unreadable(state, "\"ipfence_user\" is not readable text");
    }
    auto judgement = judge_token_response(*state.conf->policy, *state.facts, response.tokens, user.text,
                                          earlier_judgement(state));
    if (!judgement) {
        return Outcome::allow;
    }
    judgement->request.user = keep(r, judgement->request.user);
    judgement->request.claimed_profile.reset();
    return conclude(state, judgement->decision.outcome, judgement->decision.reason, judgement);
}

}  // namespace

void note_response_header(RequestState &state) {
    ngx_http_request_t *r = state.request;
    state.response.status = static_cast<unsigned>(r->headers_out.status);
    state.response.content_coded = is_content_coded(r);
    state.response.location = location_header(r);
}

Outcome judge_response(RequestState &state) {
    if (state.response.too_large) {
        return conclude(state, Outcome::deny, Reason::response_too_large);
    }
    const TokenResponse response = read_response(state);
    switch (response.kind) {
        case TokenResponse::Kind::no_token:
            return state.verdict ? Outcome::allow
                                 : conclude(state, Outcome::allow, Reason::no_token_issued);
        case TokenResponse::Kind::tokens:
            return judge_tokens(state, response);
        case TokenResponse::Kind::unreadable:
            break;
    }
    return judge_unreadable(state, response.problem);
}

}  // namespace ipfence::module
