#include "module/observed_answer.hpp"

#include "module/cookies.hpp"
#include "module/device_mark.hpp"
#include "module/recall.hpp"
#include "module/replaced_sessions.hpp"
#include "module/set_cookies.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

void forget_revoked(const RequestState &state) {
    Memory &memory = *memory_of(state);
    std::optional<Remembered> remembered;
    recall(state, *state.revoked, remembered);
    if (remembered) {
        // The token stays known as one that has no grant any more.
        memory.forget_grant(remembered->credential.grant, memory_now());
    } else if (may_be_known_elsewhere(state, *state.revoked)) {
        memory.revoke_unknown(*state.revoked);
    }
}

bool is_success(ngx_uint_t status) noexcept {
    return status >= NGX_HTTP_OK && status < NGX_HTTP_BAD_REQUEST;
}

bool loses_cookie(ngx_http_request_t *r, const SessionCookies::Cookie &cookie) {
    const CookieChange change = change_of_cookie(r, cookie.name);
    return change.kind == CookieChange::Kind::removed ||
           (change.kind == CookieChange::Kind::set &&
            digest_of_session(r, cookie.name, change.value) != cookie.key);
}

bool only_asks(ngx_http_request_t *r) noexcept {
    return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) != 0;
}

// A page that only asks whether to log out leaves the session's cookie as it is, or sets it once
// more; one that logs out removes or replaces it, or is the answer to a form, or leads away.
bool has_logged_out(ngx_http_request_t *r, const SessionCookies::Cookie &cookie) {
    const ngx_uint_t status = r->headers_out.status;
    const bool leads_away = status >= NGX_HTTP_SPECIAL_RESPONSE && status != NGX_HTTP_NOT_MODIFIED;
    return is_success(status) && (leads_away || !only_asks(r) || loses_cookie(r, cookie));
}

// Whether one was forgotten.
bool forget_sessions(const RequestState &state) {
    ngx_http_request_t *r = state.request;
    const SessionCookies cookies(r);
    bool has_forgotten = false;
    for (const SessionCookies::Cookie &cookie : cookies.all()) {
        if (cookie.key && has_logged_out(r, cookie)) {
            forget_session(state, cookie);
            has_forgotten = true;
        }
    }
    return has_forgotten;
}

}  // namespace

void learn_from_header(RequestState &state) {
    switch (state.kind) {
        case NGX_HTTP_IPFENCE_VERIFICATION:
            mark_device(state);
            break;
        case NGX_HTTP_IPFENCE_REVOCATION:
            if (state.revoked && state.request->headers_out.status == NGX_HTTP_OK) {
                forget_revoked(state);
            }
            break;
        case NGX_HTTP_IPFENCE_LOGOUT:
            if (forget_sessions(state)) {
                return;  // what the browser has now is not the one that has ended
            }
            break;
        default:
            break;
    }
    learn_replaced_sessions(state);
}

}  // namespace ipfence::module
