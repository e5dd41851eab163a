#include "module/introspection.hpp"

#include "module/access_gate.hpp"
#include "module/boundary.hpp"
#include "module/request_state.hpp"
#include "module/subrequest.hpp"

namespace ipfence::module {

namespace {

Introspected read_answer(ngx_http_request_t *subrequest) {
    const auto answer = captured_answer(subrequest);
    Introspected introspected{answer ? Claims::parse(*answer) : std::nullopt};
    // The API that asks about the same token may read the other spelling.
    if (introspected.claims && introspected.claims->names_party_in_variants()) {
        introspected.claims.reset();
    }
    if (!introspected.claims) {
        ngx_log_error(NGX_LOG_ERR, subrequest->connection->log, 0,
                      "ipfence_introspection: the provider gave no answer that can be read; the "
                      "token is taken for unknown");
        return introspected;
    }
    introspected.is_active = introspected.claims->is_true("active");
    return introspected;
}

// Then nginx ends the subrequest, and the request with it: that is no fault of the provider's.
bool has_client_left(const ngx_http_request_t *subrequest, ngx_int_t rc) noexcept {
    return rc == NGX_HTTP_CLIENT_CLOSED_REQUEST || subrequest->connection->error;
}

void answered(ngx_http_request_t *subrequest, void *data, ngx_int_t rc) noexcept {
    auto *state = static_cast<RequestState *>(data);
    if (state->access == nullptr) {
        return;  // nginx has led the request elsewhere meanwhile
    }
    const bool is_awaited = state->access->introspection == AccessRequest::Introspection::waiting;
    boundary(subrequest->connection->log, 0, [&] {
        take_introspection(
            *state, has_client_left(subrequest, rc) ? Introspected{} : read_answer(subrequest));
        return 0;
    });
    // Also after an exception: the request must not wait for ever.
    state->access->introspection = AccessRequest::Introspection::answered;
    // Nobody else wakes who waits for a subrequest in the background.
    if (is_awaited && subrequest->background) {
        (void)ngx_http_post_request(state->request, &state->access->waking);
    }
}

}  // namespace

bool ask_provider(RequestState &state) {
    ngx_http_request_t *r = state.request;
    constexpr std::string_view kHint = "access_token";
    const std::string_view token = state.access->token.token;

    // nginx lets a subrequest of a part end when its turn to be sent has come, which never comes
    // for parts in the background, such as a mirror, and for those that Lua captures.
    const bool is_part = r != r->main;
    FormBuilder form(r->pool, FormBuilder::size_of("token", token) +
                                  FormBuilder::size_of("token_type_hint", kHint));
    form.add("token", token);
    form.add("token_type_hint", kHint);
    if (post_form(r, {state.conf->introspection, form.text(), {}}, is_part, answered, &state)) {
        return true;
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "ipfence_introspection: the provider cannot be asked: no memory, or too many "
                  "subrequests");
    return false;
}

}  // namespace ipfence::module
