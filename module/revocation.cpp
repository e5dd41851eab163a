#include "module/revocation.hpp"

#include "module/pool_text.hpp"
#include "module/subrequest.hpp"
#include "module/token_gate.hpp"
#include "module/token_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kJwtAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

void log_outcome(ngx_http_request_t *subrequest, void *data, ngx_int_t rc) noexcept {
    const auto *what = static_cast<const char *>(data);
    const RequestState *state = find_state(subrequest);
    const unsigned status = state == nullptr ? 0 : state->response.status;
    // RFC 7009, section 2.2: 200, whether or not the token was still valid.
    if (rc == NGX_OK && status == NGX_HTTP_OK) {
        ngx_log_error(NGX_LOG_NOTICE, subrequest->connection->log, 0,
                      "ipfence_revocation: the withheld %s was revoked", what);
        return;
    }
    ngx_log_error(NGX_LOG_ERR, subrequest->connection->log, 0,
                  "ipfence_revocation: the withheld %s was not revoked (status %ui): nobody has "
                  "it, but it stays valid at the provider",
                  what, static_cast<ngx_uint_t>(status));
}

void revoke(RequestState &state, std::string_view token, std::string_view hint, const char *what,
            std::string_view client_id) {
    ngx_http_request_t *r = state.request;
    const ClientAuthentication client =
        state.token == nullptr ? ClientAuthentication{} : state.token->client_authentication;
    const std::string_view type =
        client.client_assertion.empty() ? std::string_view{} : kJwtAssertion;
    const std::pair<std::string_view, std::string_view> parameters[] = {
        {"token", token},
        {"token_type_hint", hint},
        {"client_id", client_id},
        {"client_secret", client.client_secret},
        {"client_assertion_type", type},
        {"client_assertion", client.client_assertion},
    };
    std::size_t size = 0;
    for (const auto &[name, value] : parameters) {
        size += FormBuilder::size_of(name, value);
    }
    FormBuilder form(r->pool, size);
    for (const auto &[name, value] : parameters) {
        form.add(name, value);
    }
    const FormRequest request{state.conf->revocation, form.text(), authorization_of(r)};
    if (!post_form(r, request, true, log_outcome, const_cast<char *>(what))) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence_revocation: the withheld %s could not be sent to the provider: no "
                      "memory, or too many subrequests",
                      what);
    }
}

}  // namespace

void revoke_withheld(RequestState &state, const IssuedTokens &tokens, std::string_view client_id) {
    if (state.conf->revocation.len == 0 || !state.is_enforced) {
        return;
    }
    // The refresh token first: with it the provider revokes the access token, too (section 2.1).
    if (!tokens.refresh_token.empty()) {
        revoke(state, in_pool(state.request->pool, tokens.refresh_token), "refresh_token",
               "refresh token", client_id);
    }
    if (!tokens.access_token.empty()) {
        revoke(state, in_pool(state.request->pool, tokens.access_token), "access_token",
               "access token", client_id);
    }
}

}  // namespace ipfence::module
