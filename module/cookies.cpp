#include "module/cookies.hpp"

#include <algorithm>
#include <new>

#include "engine/endpoint/session_access.hpp"
#include "engine/endpoint/session_learning.hpp"
#include "module/pool_text.hpp"
#include "module/request_headers.hpp"
#include "module/set_cookies.hpp"
#include "module/shared_zone.hpp"

namespace ipfence::module {

namespace {

// HTTP/2 clients may split the header into crumbs; nginx joins those. More lines than this are not
// a browser's.
constexpr std::size_t kMaxLines = 16;

// Ends of names and of values. More are no browser's either, and each is looked at for each name of
// a session.
constexpr std::size_t kMaxEnds = 2000;

struct CookieLines {
    std::array<std::string_view, kMaxLines> lines;
    std::size_t count = 0;

    bool are_too_many() const noexcept { return count > lines.size(); }
    std::span<const std::string_view> all() const noexcept {
        return {lines.data(), std::min(count, lines.size())};
    }
};

CookieLines cookie_lines_of(ngx_http_request_t *r) {
    CookieLines found;
    for_each_header(r->headers_in.headers, [&found](const ngx_table_elt_t &header) {
        if (is_named(header, "cookie")) {
            if (found.count < found.lines.size()) {
                found.lines[found.count] = view(header.value);
            }
            ++found.count;
        }
    });
    return found;
}

std::size_t count_ends(const CookieLines &lines) noexcept {
    std::size_t count = 0;
    for (const std::string_view line : lines.all()) {
        count += static_cast<std::size_t>(std::ranges::count_if(
            line, [](char byte) { return byte == '=' || byte == ';' || byte == ','; }));
    }
    return count;
}

// A name must not be lost for want of memory: nobody would be decided in its place.
std::string_view kept(const RequestState &state, std::string_view name) {
    const std::string_view copy = in_pool(state.request->pool, name);
    if (copy.size() != name.size()) {
        throw std::bad_alloc();
    }
    return copy;
}

// One that has lost something may be of another user since.
std::string_view user_of_known_session(const RequestState &state, const Digest &key) {
    SessionMemory memory;
    recall_session(state, key, memory);
    return kept(state, user_of_session(memory.grants()));
}

}  // namespace

CookieValue cookie_of(ngx_http_request_t *r, std::string_view name) {
    const CookieLines lines = cookie_lines_of(r);
    return lines.are_too_many() ? CookieValue{CookieValue::Kind::ambiguous, {}}
                                : find_cookie(lines.all(), name);
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

std::vector<Digest> session_readings(ngx_http_request_t *r) {
    std::vector<Digest> keys;
    const ngx_array_t *names = location_configuration(r)->session_cookies;
    if (names == nullptr) {
        return keys;
    }
    const CookieLines lines = cookie_lines_of(r);
    for (const ngx_str_t &name : elements<const ngx_str_t>(*names)) {
        const CookieReadings readings = read_cookie_in_any_way(lines.all(), view(name));
        for (const std::string &value : std::span(readings.values).first(readings.count)) {
            // Values that are spellings of one session are looked for once.
            const auto key = digest_of_session(r, view(name), value);
            if (key && std::ranges::find(keys, *key) == keys.end()) {
                keys.push_back(*key);
            }
        }
    }
    return keys;
}

bool has_too_many_sessions(ngx_http_request_t *r) {
    const ngx_array_t *names = location_configuration(r)->session_cookies;
    if (names == nullptr || !has_cookies(r)) {
        return false;
    }
    const CookieLines lines = cookie_lines_of(r);
    const std::size_t ends = count_ends(lines);
    if (lines.are_too_many() || ends > kMaxEnds) {
        return true;
    }
    // Each ends the name of one cookie at most, whose value has four readings at most.
    constexpr std::size_t kReadings = 4;
    return ends * kReadings > CookieReadings::kMost &&
           std::ranges::any_of(elements<const ngx_str_t>(*names), [&lines](const ngx_str_t &name) {
               return read_cookie_in_any_way(lines.all(), view(name)).are_too_many;
           });
}

std::vector<Digest> with_ended_sessions(const RequestState &state, std::vector<Digest> sessions) {
    const Memory *memory = memory_of(state);
    const std::size_t count = memory == nullptr ? 0 : sessions.size();
    for (std::size_t index = 0; index < count; ++index) {
        if (const auto ended = ended_session(*memory, sessions[index])) {
            sessions.push_back(*ended);
        }
    }
    return sessions;
}

std::span<const std::string_view> users_of_sessions(const RequestState &state,
                                                    std::span<const Digest> keys) {
    std::vector<std::string_view> found;
    for (const Digest &key : keys) {
        SessionMemory memory;
        recall_session(state, key, memory);
        for (const GrantRecord &grant : memory.found_grants()) {
            const std::string_view user = grant.user();
            if (!user.empty() && std::ranges::find(found, user) == found.end()) {
                found.push_back(kept(state, user));
            }
        }
    }
    if (found.empty()) {
        return {};
    }
    auto *users = static_cast<std::string_view *>(
        ngx_palloc(state.request->pool, found.size() * sizeof(std::string_view)));
    if (users == nullptr) {
        throw std::bad_alloc();
    }
    std::ranges::copy(found, users);
    return {users, found.size()};
}

std::string_view user_of_every_session(const RequestState &state) {
    const SessionCookies cookies(state.request);
    std::string_view common;
    for (const SessionCookies::Cookie &cookie : cookies.all()) {
        if (!cookie.is_present) {
            continue;
        }
        const std::string_view user =
            cookie.key ? user_of_known_session(state, *cookie.key) : std::string_view{};
        if (user.empty() || (!common.empty() && user != common)) {
            return {};
        }
        common = user;
    }
    return common;
}

std::optional<ActivatedDevice> read_device(ngx_http_request_t *r,
                                           const ngx_http_ipfence_device_cookie_t &configured) {
    const CookieValue cookie = cookie_of(r, view(configured.name));
    return cookie.kind == CookieValue::Kind::one
               ? read_device_cookie(*configured.keys, cookie.value, ngx_time())
               : std::nullopt;
}

}  // namespace ipfence::module
