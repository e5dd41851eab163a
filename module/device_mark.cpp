#include "module/device_mark.hpp"

#include <openssl/rand.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/credential/presented_token.hpp"
#include "engine/endpoint/session_origin.hpp"
#include "module/answer_headers.hpp"
#include "module/complex_value.hpp"
#include "module/configured_values.hpp"
#include "module/cookies.hpp"
#include "module/pool_text.hpp"
#include "module/recall.hpp"
#include "module/request_headers.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

bool says_verified(ngx_http_request_t *r, ngx_http_complex_value_t *verified) {
    const auto value = verified == nullptr ? std::nullopt : evaluate(r, *verified);
    return value && !value->empty() && *value != "0";
}

// A provider may go by a token that comes beside the session, or by the password of Basic: then it
// must be the same user's, of whom nobody asks a store here.
bool may_be_of_another(const RequestState &state, std::string_view user) {
    ngx_http_request_t *r = state.request;
    std::vector<char> storage(r->args.len);
    const auto presented = find_presented_token(authorization_of(r), view(r->args), {}, storage);
    if (!presented || presented->kind != PresentedToken::Kind::token) {
        return !presented || presented->kind != PresentedToken::Kind::none;
    }
    std::optional<Remembered> remembered;
    if (const Memory *memory = memory_of(state)) {
        recall(state, token_digest_in(*memory, presented->token), remembered);
    }
    return !remembered || remembered->grant.user() != user;
}

// Who was verified: the deployment's word, else the last known user of the browser's sessions.
std::string_view verified_user(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const ConfiguredValue assured = first_configured_value(r, state.conf->users);
    if (assured.is_unusable || !assured.text.empty()) {
        return assured.text;
    }
    const std::string_view user = user_of_every_session(state);
    return may_be_of_another(state, user) ? std::string_view{} : user;
}

DeviceTag device_to_mark(ngx_http_request_t *r) {
    DeviceTag device{};
    if (const auto known = device_of(r)) {
        return known->device;
    }
    if (RAND_bytes(device.data(), static_cast<int>(device.size())) != 1) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "ipfence: OpenSSL has no random bytes");
    }
    return device;
}

std::string cookie_line(const ngx_http_ipfence_device_cookie_t &configured,
                        const std::string &value) {
    return std::string(view(configured.name)) + "=" + value +
           "; Path=/; Max-Age=" + std::to_string(configured.ttl) +
           "; HttpOnly; Secure; SameSite=Lax";
}

void add_set_cookie(ngx_http_request_t *r, const std::string &line) {
    const std::string_view kept = in_pool(r->pool, line);
    if (kept.empty() || add_answer_header(r, "Set-Cookie", kept) == nullptr) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence: no memory to mark the device as activated");
    }
}

}  // namespace

void mark_device(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const ngx_http_ipfence_device_cookie_t *configured = state.conf->device_cookie;
    if (configured == nullptr || !state.is_enforced || !says_verified(r, state.conf->verified)) {
        return;
    }
    const std::string_view user = verified_user(state);
    if (user.empty()) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence: a user completed identity verification, and nobody says who; set "
                      "\"ipfence_user\" where \"ipfence_verified\" is set");
        return;
    }
    const std::string value = make_device_cookie(*configured->keys, user, device_to_mark(r),
                                                 ngx_time() + configured->ttl);
    if (!value.empty()) {
        add_set_cookie(r, cookie_line(*configured, value));
    }
}

}  // namespace ipfence::module
