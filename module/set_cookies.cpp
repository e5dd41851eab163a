#include "module/set_cookies.hpp"

#include <algorithm>
#include <span>

#include "engine/credential/cookie_spelling.hpp"
#include "engine/credential/set_cookie.hpp"
#include "engine/endpoint/session_learning.hpp"
#include "module/answer_headers.hpp"
#include "module/learning.hpp"
#include "module/request_headers.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

// Calls `visit` with each line of the answer that sets or removes the cookie.
template <class Visit>
void for_each_change(ngx_http_request_t *r, std::string_view name, Visit visit) {
    for_each_header(r->headers_out.headers, [&](const ngx_table_elt_t &header) {
        const auto cookie = is_answered_as(header, "Set-Cookie")
                                ? parse_set_cookie(view(header.value), ngx_time())
                                : std::nullopt;
        if (cookie && cookie->name == name) {
            visit(*cookie);
        }
    });
}

std::optional<Seconds> lifetime_of(const SetCookie &cookie) noexcept {
    return cookie.lifetime ? std::optional(static_cast<Seconds>(
                                 std::min<std::int64_t>(*cookie.lifetime, Memory::kMaxLifetime)))
                           : std::nullopt;
}

}  // namespace

bool sets_cookies(ngx_http_request_t *r) noexcept {
    bool found = false;
    for_each_header(r->headers_out.headers, [&found](const ngx_table_elt_t &header) {
        found = found || is_answered_as(header, "Set-Cookie");
    });
    return found;
}

CookieChange change_of_cookie(ngx_http_request_t *r, std::string_view name) {
    CookieChange change;
    for_each_change(r, name, [&change](const SetCookie &cookie) {
        // A cookie that is removed here and set there is set: names alone do not tell paths apart.
        if (!cookie.removes || change.kind != CookieChange::Kind::set) {
            change = {cookie.removes ? CookieChange::Kind::removed : CookieChange::Kind::set,
                      cookie.value};
        }
    });
    return change;
}

std::optional<Digest> digest_of_session(ngx_http_request_t *r, std::string_view name,
                                        std::string_view value) {
    const Memory *memory = memory_of(r, location_configuration(r));
    if (memory == nullptr) {
        return std::nullopt;
    }
    const bool is_encoded = value.find('%') != std::string_view::npos;
    const std::string decoded = is_encoded ? decode_cookie_value(value) : std::string();
    const std::string_view text = is_encoded ? std::string_view(decoded) : value;
    const auto one_spelling = one_spelling_of_cookie(text);
    return digest_in(*memory, Role::session, name,
                     one_spelling ? std::string_view(*one_spelling) : text);
}

std::vector<BrowserSession> sessions_after(ngx_http_request_t *r, const SessionCookies &cookies) {
    std::vector<BrowserSession> sessions;
    for (const SessionCookies::Cookie &cookie : cookies.all()) {
        bool is_changed = false;
        for_each_change(r, cookie.name, [&](const SetCookie &change) {
            is_changed = true;
            const auto key =
                change.removes ? std::nullopt : digest_of_session(r, cookie.name, change.value);
            if (key) {
                sessions.push_back({.key = *key, .is_set = true});
                sessions.back().lifetime = lifetime_of(change).value_or(Lifetimes::kSession);
            }
        });
        if (!is_changed && cookie.key) {
            sessions.push_back({.key = *cookie.key});
        }
    }
    return sessions;
}

void forget_session(const RequestState &state, const SessionCookies::Cookie &cookie) {
    Memory *memory = memory_of(state.request, location_configuration(state.request));
    if (memory == nullptr || !cookie.key) {
        return;
    }
    const auto users = users_of_sessions(state, std::span(&*cookie.key, 1));
    // A store was asked before the request was forwarded; a code may have been exchanged since.
    SessionMemory session;
    memory->recall_session(*cookie.key, memory_now(), session);
    memory->forget_session(*cookie.key, memory_now());
    const auto remember_user = [&](std::string_view user) {
        report_learned(state, learn_ended_session(*memory, *cookie.key, user, memory_now()));
    };
    std::ranges::for_each(users, remember_user);
    for (const GrantRecord &grant : session.found_grants()) {
        if (!grant.user().empty() && std::ranges::find(users, grant.user()) == users.end()) {
            remember_user(grant.user());
        }
    }
}

}  // namespace ipfence::module
