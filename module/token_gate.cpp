#include "module/token_gate.hpp"

#include <array>
#include <span>

#include "engine/credential/token_request.hpp"
#include "module/client_address.hpp"
#include "module/configured_values.hpp"
#include "module/cookies.hpp"
#include "module/detection.hpp"
#include "module/geoip_files.hpp"
#include "module/hold.hpp"
#include "module/outcome.hpp"
#include "module/recall.hpp"
#include "module/replaced_sessions.hpp"
#include "module/request_body.hpp"
#include "module/request_headers.hpp"
#include "module/shared_zone.hpp"
#include "module/token_headers.hpp"

namespace ipfence::module {

namespace {

bool announces_too_large_body(const RequestState &state) noexcept {
    return state.request->headers_in.content_length_n > static_cast<off_t>(state.conf->body_limit);
}

ngx_int_t begin(RequestState &state) {
    ngx_http_request_t *r = state.request;

    // A token request is what a client sends, never what a configuration makes of another request.
    if (r != r->main) {
        return refuse(state, {Reason::subrequest, {}});
    }
    if (const auto refusal = refuse_token_headers(r)) {
        return refuse(state, *refusal);
    }
    if (is_preflight(r)) {
        watch_for_replaced_sessions(state);
        return allow(state, Reason::preflight, std::nullopt);
    }
    if (announces_too_large_body(state)) {
        return refuse(state, kRequestTooLarge);
    }

    state.body_requested = true;
    const ngx_int_t rc = read_request_body(r);
    // Too large while it arrived: the client gets the gate's words rather than nginx's page.
    return rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE && refuses_large_bodies(state)
               ? refuse(state, kRequestTooLarge)
               : rc;
}

// Which code or token the request redeems, and which one acts (RFC 8693).
void note_credentials(RequestState &state, const TokenRequest &request) {
    const Memory *memory = memory_of(state);
    TokenAttempt &attempt = *state.token;
    Redeemed &redeemed = attempt.redeemed;
    if (memory != nullptr && !request.redeemed.empty()) {
        redeemed.is_code = request.grant == Grant::authorization_code;
        redeemed.is_refresh_token = request.grant == Grant::refresh_token;
        redeemed.key = redeemed.is_code ? digest_in(*memory, Role::code, {}, request.redeemed)
                                        : token_digest_in(*memory, request.redeemed);
    }
    if (request.grant == Grant::token_exchange && !request.actor_token.empty()) {
        // Of an actor that memory does not know, it is known that he is nobody (F12).
        attempt.facts.actor.emplace();
        if (memory != nullptr) {
            attempt.actor_key = token_digest_in(*memory, request.actor_token);
        }
    }
}

SessionOrigin origin_of(const Remembered &remembered) {
    return origin_of(remembered.grant, remembered.credential.refreshed());
}

// A subject token that was issued here and revoked since comes from nowhere else: how it was
// obtained is unknown now (F12).
bool is_subject_of_lost_grant(const RequestState &state) {
    const TokenAttempt &attempt = *state.token;
    const Memory *memory = memory_of(state);
    return memory != nullptr && attempt.facts.grant == Grant::token_exchange &&
           attempt.redeemed.key && memory->has_lost_grant(*attempt.redeemed.key, memory_now());
}

// Who has the session forgotten meanwhile, as by a logout, does not shake that off.
void note_browser(RequestState &state) {
    TokenAttempt &attempt = *state.token;
    const Redeemed &redeemed = attempt.redeemed;
    if (!redeemed.is_code) {
        return;
    }
    if (!redeemed.memory) {
        attempt.forgotten = memory_of(state)->forgotten_grant(*redeemed.key, memory_now());
    }
    if (redeemed.memory || attempt.forgotten) {
        attempt.facts.browser =
            browser_login_of(redeemed.memory ? redeemed.memory->grant : *attempt.forgotten);
    }
}

// What is known of them.
Recall recall_credentials(RequestState &state) {
    TokenAttempt &attempt = *state.token;
    std::array<Digest, 2> keys;
    std::size_t count = 0;
    for (const auto *key : {&attempt.redeemed.key, &attempt.actor_key}) {
        if (*key) {
            keys[count++] = **key;
        }
    }
    const Recall how = make_known(state, std::span(keys).first(count));
    if (how != Recall::settled) {
        return how;
    }
    if (attempt.redeemed.key) {
        recall(state, *attempt.redeemed.key, attempt.redeemed.memory);
    }
    note_browser(state);
    if (attempt.redeemed.memory) {
        attempt.facts.remembered = origin_of(*attempt.redeemed.memory);
    } else if (is_subject_of_lost_grant(state)) {
        attempt.facts.remembered.emplace();
    }
    if (attempt.actor_key) {
        recall(state, *attempt.actor_key, attempt.actor);
    }
    if (attempt.actor) {
        attempt.facts.actor = origin_of(*attempt.actor);
    }
    return how;
}

// Begins `state.token` with what the request says, and what the deployment knows better.
std::optional<Refused> note_request(RequestState &state, const TokenRequest &request) {
    ngx_http_request_t *r = state.request;
    const ConfiguredNames names = configured_names(r, *state.conf);
    if (names.is_unusable) {
        return Refused{Reason::ambiguous_request, kUnusableName};
    }
    TokenAttempt *attempt = state.begin_token();
    if (attempt == nullptr) {
        return kInternalError;
    }
    TokenRequestFacts &facts = attempt->facts;
    facts.client_address = client_address_of(r);
    facts.origins = main_configuration(r)->geoip;
    facts.grant = request.grant;
    facts.client_id = names.app.empty() ? request.client_id : names.app;
    facts.raw_client_id = names.app.empty() ? request.raw_client_id : std::string_view{};
    facts.app_is_to_come = is_of_answer(r, state.conf->apps);
    facts.typed_user = request.typed_user;
    facts.assured_user = names.user;
    facts.is_impersonation = request.asks_for_another_subject;
    facts.device_keys = device_keys_of(*state.conf);
    note_credentials(state, request);
    attempt->client_authentication = {request.client_id, request.client_secret,
                                      request.client_assertion};
    return std::nullopt;
}

// Reads the request into `state.token`, or says why it cannot be read.
std::optional<Refused> gather_facts(RequestState &state) {
    ngx_http_request_t *r = state.request;

    // Before it is copied out of nginx's buffers: under monitor it may be of any size.
    if (request_body_size(r) > static_cast<off_t>(state.conf->body_limit)) {
        return kRequestTooLarge;
    }
    const auto body = request_body_of(r);
    if (!body) {
        return kInternalError;
    }
    if (const auto refused = refuse_letters(r, *body)) {
        return refused;
    }

    const std::string_view authorization = authorization_of(r);
    const std::size_t size = token_request_storage(body->size(), authorization.size());
    auto *storage = static_cast<char *>(ngx_pnalloc(r->pool, size));
    if (storage == nullptr) {
        return kInternalError;
    }
    const auto request = parse_token_request(*body, authorization, std::span<char>(storage, size));
    if (!request) {
        return Refused{Reason::ambiguous_request, request.error().description};
    }

    return note_request(state, *request);
}

ngx_int_t carry_out(RequestState &state, const TokenRequestVerdict &verdict) {
    using Next = TokenRequestVerdict::Next;

    switch (verdict.next) {
        case Next::deny:
            if (!state.is_enforced && memory_of(state) != nullptr && !hold_response(state)) {
                return refuse(state, kInternalError);
            }
            return deny(state, *verdict.judgement);
        case Next::forward:
            if (memory_of(state) == nullptr) {
                return allow(state, verdict.judgement->decision.reason, verdict.judgement);
            }
            [[fallthrough]];
        case Next::forward_and_hold:
            return hold_response(state)
                       ? allow(state, verdict.judgement->decision.reason, verdict.judgement)
                       : refuse(state, kInternalError);
        case Next::hold:
            return hold_response(state) ? forward_undecided(state) : refuse(state, kInternalError);
        case Next::refuse_mismatch:
            return refuse(state, {Reason::app_mismatch, {}}, verdict.judgement);
        case Next::refuse:
            break;
    }
    return refuse(state, {Reason::ambiguous_request,
                          "the client in the Authorization header can be read in two ways"});
}

ngx_int_t read_and_judge(RequestState &state) {
    if (const auto refused = gather_facts(state)) {
        return refuse(state, *refused);
    }
    if (const auto rc = wait_or_refuse(state, recall_credentials(state))) {
        return *rc;
    }
    return carry_out(state, judge_token_request(state.policy(), state.token->facts));
}

}  // namespace

ngx_int_t gate_token_request(RequestState &state) {
    if (!state.body_read) {
        return begin(state);
    }
    // An internal redirect keeps the body and may have changed the method or the query; and of a
    // request that its parameters show to be one, nothing else has been looked at.
    if (state.request->internal || detects(*state.conf)) {
        if (const auto refusal = refuse_token_headers(state.request)) {
            return refuse(state, *refusal);
        }
    }
    return read_and_judge(state);
}

}  // namespace ipfence::module
