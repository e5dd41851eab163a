#include "module/cookies.hpp"

#include <algorithm>

#include "engine/endpoint/session_access.hpp"
#include "module/request_headers.hpp"
#include "module/set_cookies.hpp"

namespace ipfence::module {

namespace {

// HTTP/2 clients may split the header into crumbs; nginx joins those. More lines than this are not
// a browser's.
constexpr std::size_t kMaxLines = 16;

}  // namespace

CookieValue cookie_of(ngx_http_request_t *r, std::string_view name) {
    std::array<std::string_view, kMaxLines> lines;
    std::size_t count = 0;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        if (is_named(header, "cookie")) {
            if (count < lines.size()) {
                lines[count] = view(header.value);
            }
            ++count;
        }
    });
    if (count > lines.size()) {
        return {CookieValue::Kind::ambiguous, {}};
    }
    return find_cookie(std::span(lines).first(count), name);
}

SessionCookies::SessionCookies(ngx_http_request_t *r) {
    const ngx_array_t *names = location_configuration(r)->session_cookies;
    if (names == nullptr) {
        return;
    }
    for (const ngx_str_t &name : elements<const ngx_str_t>(*names)) {
        const CookieValue value = cookie_of(r, view(name));
        Cookie &cookie = cookies_[count_++];
        cookie.name = view(name);
        cookie.is_present = value.kind != CookieValue::Kind::absent;
        if (value.kind == CookieValue::Kind::one) {
            cookie.key = digest_of_session(r, view(name), value.value);
        }
    }
}

bool SessionCookies::any_present() const noexcept {
    return std::ranges::any_of(all(), &Cookie::is_present);
}

std::vector<Digest> SessionCookies::keys() const {
    std::vector<Digest> keys;
    for (const Cookie &cookie : all()) {
        if (cookie.key) {
            keys.push_back(*cookie.key);
        }
    }
    return keys;
}

Recall make_sessions_known(RequestState &state) {
    if (main_configuration(state.request)->store == nullptr) {
        return Recall::settled;  // without the cost of looking for cookies
    }
    return make_known(state, {}, SessionCookies(state.request).keys());
}

std::string_view user_of_sessions(const RequestState &state, SessionMemory &memory) {
    const SessionCookies cookies(state.request);
    for (const Digest &key : cookies.keys()) {
        recall_session(state, key, memory);
        const std::string_view user = last_known_user(memory.grants());
        if (!user.empty()) {
            return user;
        }
    }
    return {};
}

std::optional<ActivatedDevice> read_device(ngx_http_request_t *r,
                                           const ngx_http_ipfence_device_cookie_t &configured) {
    const CookieValue cookie = cookie_of(r, view(configured.name));
    return cookie.kind == CookieValue::Kind::one
               ? read_device_cookie(*configured.keys, cookie.value, ngx_time())
               : std::nullopt;
}

}  // namespace ipfence::module
