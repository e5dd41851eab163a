#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/endpoint/session_learning.hpp"
#include "engine/memory/record.hpp"
#include "module/cookies.hpp"

namespace ipfence::module {

/// Whether an answer sets or removes any cookie.
bool sets_cookies(ngx_http_request_t *r) noexcept;

/// What an answer's `Set-Cookie` lines do to one cookie: the last one counts, as it does for a
/// browser (I17).
struct CookieChange {
    enum class Kind : std::uint8_t { none, set, removed };
    Kind kind = Kind::none;
    std::string_view value;
};
CookieChange change_of_cookie(ngx_http_request_t *r, std::string_view name);

/// The digest of a session cookie's value; empty when nothing is remembered.
std::optional<Digest> digest_of_session(ngx_http_request_t *r, std::string_view name,
                                        std::string_view value);

/// The sessions that there are by the cookies of the request after its answer: each that a line of
/// the answer gives out, also where a browser would keep a later one only, and each that is left as
/// it is.
std::vector<BrowserSession> sessions_after(ngx_http_request_t *r, const SessionCookies &cookies);

/// Forgets the session of a cookie, and the family of all that it received.
void forget_session(const RequestState &state, const SessionCookies::Cookie &cookie);

}  // namespace ipfence::module
