#include "module/authorization_gate.hpp"

#include <new>
#include <optional>
#include <vector>

#include "engine/credential/authorization_request.hpp"
#include "module/client_address.hpp"
#include "module/configured_values.hpp"
#include "module/form_body.hpp"
#include "module/geoip_files.hpp"
#include "module/hold.hpp"
#include "module/outcome.hpp"
#include "module/recall.hpp"
#include "module/request_headers.hpp"
#include "module/shared_zone.hpp"
#include "module/whole_answer.hpp"

namespace ipfence::module {

namespace {

// What query and form say together; they must not name two clients. Many providers look at one of
// them only, and some into a body that is no form: what names a client, or may, must say itself
// that the user is asked.
Result<AuthorizationRequest, Refusal> read_request(ngx_http_request_t *r,
                                                   std::optional<std::string_view> body) {
    AuthorizationRequest whole;
    whole.may_keep_session = has_body(r) && (!body || body->empty());
    for (const std::string_view parameters : {view(r->args), body.value_or(std::string_view{})}) {
        const std::size_t size = 2 * parameters.size();
        auto *storage = static_cast<char *>(ngx_pnalloc(r->pool, size + 1));
        if (storage == nullptr) {
            return Refusal{"there is no memory to read it"};
        }
        const auto request =
            parse_authorization_request(parameters, std::span<char>(storage, size));
        if (!request) {
            return request.error();
        }
        if (!whole.client_id.empty() && !request->client_id.empty() &&
            whole.client_id != request->client_id) {
            return Refusal{"query and body name different clients"};
        }
        whole.client_id = request->client_id.empty() ? whole.client_id : request->client_id;
        whole.asks_for_user |= request->asks_for_user;
        whole.may_keep_session |=
            request->may_keep_session || (!request->client_id.empty() && !request->asks_for_user);
    }
    return whole;
}

AuthorizationAttempt *make_attempt(ngx_pool_t *pool) noexcept {
    auto *memory = ngx_pcalloc(pool, sizeof(AuthorizationAttempt));
    return memory == nullptr ? nullptr : new (memory) AuthorizationAttempt;
}

// Fosite and PHP, for two, take the parameters of a multipart body, or those before the query's.
bool may_name_another_client(ngx_http_request_t *r, std::optional<std::string_view> body) noexcept {
    return (!body || body->empty()) && may_hide_parameters(r);
}

// Who asks, for which app: what the deployment says before what the request does.
AuthorizationFacts facts_of(const RequestState &state, const ConfiguredNames &names,
                            std::string_view named_client) {
    ngx_http_request_t *r = state.request;
    AuthorizationFacts facts{
        .client_address = client_address_of(r),
        .origins = main_configuration(r)->geoip,
        .client_id = names.app.empty() ? named_client : names.app,
        .assured_user = names.user,
        .device_keys = device_keys_of(*state.conf),
    };
    if (const auto device = device_of(r)) {
        facts.device_tag = device->user_tag;
    }
    return facts;
}

std::optional<Refused> gather_facts(RequestState &state, std::optional<std::string_view> body,
                                    std::span<const Digest> sessions) {
    ngx_http_request_t *r = state.request;
    AuthorizationAttempt *attempt = make_attempt(r->pool);
    if (attempt == nullptr) {
        return kInternalError;
    }
    const auto request = read_request(r, body);
    if (!request) {
        return Refused{Reason::ambiguous_request, request.error().description};
    }
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        return Refused{Reason::ambiguous_request, kUnusableName};
    }
    const bool is_hidden = may_name_another_client(r, body);
    attempt->named_client = is_hidden ? std::string_view{} : request->client_id;
    attempt->app_is_to_come = is_of_answer(r, state.conf->apps);
    attempt->facts = facts_of(state, names, attempt->named_client);
    attempt->facts.may_be_of_any_app = is_hidden;
    // A step inside the provider's pages does not name its app, and says nothing of whether the
    // user is asked.
    attempt->browser_users = users_of_sessions(state, sessions);
    if (!request->asks_for_user || request->may_keep_session) {
        // Whoever the provider may take the user for without asking.
        attempt->facts.session_users = attempt->browser_users;
    }
    state.authorization = attempt;
    return std::nullopt;
}

ngx_int_t hold_and_judge(RequestState &state) {
    if (!keep_codings_for_nginx(state.request) || !hold_response(state)) {
        return refuse(state, kInternalError);
    }
    const auto judgement =
        state.authorization->app_is_to_come
            ? std::nullopt
            : judge_authorization_request(state.policy(), state.authorization->facts);
    if (!judgement) {
        return forward_undecided(state);
    }
    if (judgement->decision.allowed()) {
        return allow(state, judgement->decision.reason, judgement);
    }
    state.response.mode = state.is_enforced ? HeldResponse::Mode::none : state.response.mode;
    return deny(state, *judgement);
}

}  // namespace

ngx_int_t gate_authorization_request(RequestState &state) {
    ngx_http_request_t *r = state.request;
    if (r != r->main) {
        return refuse(state, {Reason::subrequest, {}});
    }
    const FormBody body = read_form_body(state);
    if (body.is_pending) {
        return body.rc;
    }
    if (body.refused) {
        return refuse(state, *body.refused);
    }
    const std::vector<Digest> sessions = with_ended_sessions(state, session_readings(r));
    // Whose session it is, and what a session that the answer replaces was given.
    if (const auto rc = wait_or_refuse(state, make_known(state, {}, sessions))) {
        return *rc;
    }
    if (const auto refused = gather_facts(state, body.text, sessions)) {
        return refuse(state, *refused);
    }
    return hold_and_judge(state);
}

}  // namespace ipfence::module
