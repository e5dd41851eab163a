#include "module/access_gate.hpp"

#include "module/access_answer.hpp"
#include "module/candidate.hpp"
#include "module/client_address.hpp"
#include "module/configured_values.hpp"
#include "module/cookies.hpp"
#include "module/form_body.hpp"
#include "module/geoip_files.hpp"
#include "module/outcome.hpp"
#include "module/replaced_sessions.hpp"
#include "module/request_headers.hpp"
#include "module/session_judgement.hpp"
#include "module/token_identity.hpp"

namespace ipfence::module {

namespace {

Operation operation_of(ngx_http_ipfence_kind_e kind) noexcept {
    switch (kind) {
        case NGX_HTTP_IPFENCE_PASSWORD_CHANGE:
            return Operation::password_change;
        case NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION:
            return Operation::verification_registration;
        case NGX_HTTP_IPFENCE_LOGIN_FLOW:
            return Operation::login_flow;
        default:
            return Operation::access;
    }
}

// Step 1 of the decision, without the cost of the others: who it is does not matter, and is not
// looked for. Only the audit log wants to know from where.
ngx_int_t allow_unchecked(RequestState &state) {
    AccessFacts facts{.operation = operation_of(state.kind)};
    if (is_audited(*state.conf)) {
        facts.client_address = client_address_of(state.request);
    }
    const Judgement judgement = judge_unidentified(state.policy(), facts);
    const Policy *candidate = state.candidate();
    if (candidate != nullptr && !candidate->organization().continuous_ip_enforcement) {
        state.candidate_judgement = judge_unidentified(*candidate, facts);
    }
    watch_for_replaced_sessions(state);
    return allow(state, judgement.decision.reason, judgement);
}

// B11.
bool has_repeated_authorization(ngx_http_request_t *r) {
    unsigned authorizations = 0;
    for_each_header(r->headers_in.headers, [&authorizations](const ngx_table_elt_t &header) {
        authorizations += is_named(header, "authorization") ? 1U : 0U;
    });
    return authorizations > 1;
}

std::optional<Refused> find_token(RequestState &state, std::string_view form) {
    ngx_http_request_t *r = state.request;
    if (has_repeated_authorization(r)) {
        return Refused{Reason::ambiguous_request, "Authorization must not be repeated"};
    }
    const std::size_t size = r->args.len + form.size();
    auto *storage = size == 0 ? nullptr : static_cast<char *>(ngx_pnalloc(r->pool, size));
    if (size != 0 && storage == nullptr) {
        return kInternalError;
    }
    const auto token = find_presented_token(authorization_of(r), view(r->args), form,
                                            std::span<char>(storage, size));
    if (!token) {
        return Refused{Reason::ambiguous_request, token.error().description};
    }
    state.access->token = *token;
    return std::nullopt;
}

std::optional<Refused> gather_facts(RequestState &state, std::string_view form) {
    ngx_http_request_t *r = state.request;
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        return Refused{Reason::ambiguous_request, kUnusableName};
    }
    AccessRequest *access = state.begin_access();
    if (access == nullptr) {
        return kInternalError;
    }
    AccessFacts &facts = access->facts;
    facts.client_address = client_address_of(r);
    facts.origins = main_configuration(r)->geoip;
    facts.operation = operation_of(state.kind);
    facts.assured_app = names.app;
    facts.assured_user = names.user;
    facts.device_keys = device_keys_of(*state.conf);
    if (const auto device = device_of(r)) {
        facts.device_tag = device->user_tag;
    }
    return find_token(state, form);
}

ngx_int_t judge_access(RequestState &state) {
    if (const Policy *candidate = state.candidate()) {
        state.candidate_judgement = judge_credentials(state, *candidate);
    }
    const std::optional<Judgement> judgement = judge_credentials(state, state.policy());
    const bool is_denied = judgement && !judgement->decision.allowed();
    if (!is_denied || !state.is_enforced) {
        watch_for_replaced_sessions(state);
    }
    if (is_denied) {
        return deny(state, *judgement);
    }
    watch_for_names(state);
    // Without a credential there is nothing that could open anything: the provider will ask for it.
    return allow(state, judgement ? judgement->decision.reason : Reason::no_credential, judgement);
}

// For the candidate's sake alone: whatever is wrong with the request, it passes, and its body is
// not waited for.
ngx_int_t look_for_candidate(RequestState &state) {
    if (state.access == nullptr && gather_facts(state, {})) {
        return allow_unchecked(state);
    }
    switch (identify_token(state)) {
        case TokenIdentity::pending:
            return NGX_AGAIN;
        case TokenIdentity::invalid:
        case TokenIdentity::unavailable:
            state.access->origin.reset();
            break;
        case TokenIdentity::settled:
            break;
    }
    if (make_deciding_sessions_known(state) == Recall::pending) {
        return NGX_AGAIN;
    }
    state.candidate_judgement = judge_credentials(state, *state.candidate());
    return allow_unchecked(state);
}

}  // namespace

const SessionMemory *AccessRequest::recall_session(const RequestState &state, const Digest &key) {
    RecalledSession *recalled = make_after(sessions);
    if (recalled == nullptr) {
        return nullptr;
    }
    module::recall_session(state, key, recalled->memory);
    return &recalled->memory;
}

ngx_int_t gate_access_request(RequestState &state) {
    if (!state.policy().organization().continuous_ip_enforcement) {
        // Logins are decided all the same, also in a session that takes the place of this one.
        // Whether or not the store can be asked, the request passes.
        if (make_replaceable_sessions_known(state) == Recall::pending) {
            return NGX_AGAIN;
        }
        return is_continuous_by_candidate_only(state) ? look_for_candidate(state)
                                                      : allow_unchecked(state);
    }
    if (state.access == nullptr) {
        const FormBody form = read_form_body(state);
        if (form.is_pending) {
            return form.rc;
        }
        const auto refused = form.refused ? form.refused : gather_facts(state, form.text);
        if (refused) {
            return refuse(state, *refused);
        }
    }
    switch (identify_token(state)) {
        case TokenIdentity::pending:
            return NGX_AGAIN;
        case TokenIdentity::invalid:
            return refuse(state, {Reason::token_invalid, {}});
        case TokenIdentity::unavailable:
            return refuse(state, kStoreUnavailable);
        case TokenIdentity::settled:
            break;
    }
    if (const auto rc = wait_or_refuse(state, make_deciding_sessions_known(state))) {
        return *rc;
    }
    return judge_access(state);
}

}  // namespace ipfence::module
