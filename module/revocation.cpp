#include "module/revocation.hpp"

#include "module/pool_text.hpp"
#include "module/request_headers.hpp"
#include "module/request_state.hpp"
#include "module/subrequest.hpp"
#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kJwtAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// One that is on its way.
struct Revocation {
    const char *what;
    ngx_log_t *log;
    bool is_over;
};

void log_outcome(ngx_http_request_t *subrequest, void *data, ngx_int_t rc) noexcept {
    auto *revocation = static_cast<Revocation *>(data);
    const RequestState *state = find_state(subrequest);
    const unsigned status = state == nullptr ? 0 : state->response.status;
    revocation->is_over = true;
    // RFC 7009, section 2.2: 200, whether or not the token was still valid.
    if (rc == NGX_OK && status == NGX_HTTP_OK) {
        ngx_log_error(NGX_LOG_NOTICE, subrequest->connection->log, 0,
                      "ipfence_revocation: the withheld %s was revoked", revocation->what);
        return;
    }
    ngx_log_error(NGX_LOG_ERR, subrequest->connection->log, 0,
                  "ipfence_revocation: the withheld %s was not revoked (status %ui): nobody has "
                  "it, but it stays valid at the provider",
                  revocation->what, static_cast<ngx_uint_t>(status));
}

// nginx ends a request without asking those who wait for its subrequests, as when a worker's time
// to shut down is over.
void log_end(void *data) noexcept {
    const auto *revocation = static_cast<const Revocation *>(data);
    if (!revocation->is_over) {
        ngx_log_error(NGX_LOG_ERR, revocation->log, 0,
                      "ipfence_revocation: the withheld %s may not have been revoked, the request "
                      "ended first: nobody has it, but it may stay valid at the provider",
                      revocation->what);
    }
}

Revocation *begin_revocation(ngx_http_request_t *r, const char *what) noexcept {
    auto *revocation = pool_zeroed<Revocation>(r->pool);
    ngx_http_cleanup_t *cleanup = ngx_http_cleanup_add(r, 0);
    if (revocation == nullptr || cleanup == nullptr) {
        return nullptr;
    }
    *revocation = {what, r->connection->log, true};
    cleanup->handler = log_end;
    cleanup->data = revocation;
    return revocation;
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
    Revocation *revocation = begin_revocation(r, what);
    if (revocation == nullptr || !post_form(r, request, true, log_outcome, revocation)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence_revocation: the withheld %s could not be sent to the provider: no "
                      "memory, or too many subrequests",
                      what);
        return;
    }
    revocation->is_over = false;
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
