#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/credential/cookies.hpp"
#include "engine/credential/device_cookie.hpp"
#include "engine/memory/memory.hpp"
#include "module/recall.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// The session cookies that a request carries, of those that `ipfence_session_cookie` names.
class SessionCookies {
  public:
    /// As many names as any provider has; `nginx -t` refuses more.
    static constexpr std::size_t kMaxNames = 8;

    struct Cookie {
        std::string_view name;
        bool is_present = false;
        /// Empty for one that is ambiguous, or when nothing is remembered.
        std::optional<Digest> key;
    };

    explicit SessionCookies(ngx_http_request_t *r);

    /// One element a configured name, present or not.
    std::span<const Cookie> all() const noexcept { return {cookies_.data(), count_}; }

    /// The keys of those that have one.
    std::vector<Digest> keys() const;

  private:
    std::array<Cookie, kMaxNames> cookies_;
    std::size_t count_ = 0;
};

/// Makes sure that all sessions of the request's cookies are known, as far as anybody knows them.
/// Called again when the store has answered.
Recall make_sessions_known(RequestState &state);

/// The keys of all sessions that any reader may find in the request's cookies, ambiguous ones, too.
std::vector<Digest> session_readings(ngx_http_request_t *r);

/// Whether there are more than the gate looks for. Such a request is refused, of whatever kind: one
/// that nobody looked for would not restrict the session that the answer puts in its place.
bool has_too_many_sessions(ngx_http_request_t *r);

/// With those under which it is remembered whose they were, where they have been forgotten: as if
/// these were sessions of their own.
std::vector<Digest> with_ended_sessions(const RequestState &state, std::vector<Digest> sessions);

/// Who these sessions are known to be: everybody who was given something in one of them, also where
/// it has lost something else. In pool memory.
std::span<const std::string_view> users_of_sessions(const RequestState &state,
                                                    std::span<const Digest> keys);

/// Who the request's session is known to be, whichever of its cookies the provider goes by: empty
/// where one of them is ambiguous or unknown, or another user's. In pool memory.
std::string_view user_of_every_session(const RequestState &state);

/// The value of one cookie of the request.
CookieValue cookie_of(ngx_http_request_t *r, std::string_view name);

/// The activated device of the request's cookie; empty when it has none, or none that verifies.
std::optional<ActivatedDevice> read_device(ngx_http_request_t *r,
                                           const ngx_http_ipfence_device_cookie_t &configured);

/// The activated device of the request's `ipfence_device_cookie`; empty when there is none, or none
/// that verifies.
inline std::optional<ActivatedDevice> device_of(ngx_http_request_t *r) {
    const ngx_http_ipfence_device_cookie_t *configured = location_configuration(r)->device_cookie;
    return configured == nullptr ? std::nullopt : read_device(r, *configured);
}

/// The keys of `ipfence_device_cookie`, or null.
inline const DeviceKeys *device_keys_of(const ngx_http_ipfence_loc_conf_t &conf) noexcept {
    return conf.device_cookie == nullptr ? nullptr : conf.device_cookie->keys;
}

}  // namespace ipfence::module
