#include "module/token_identity.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "engine/made_in_place.hpp"
#include "engine/signature/verified_jwt.hpp"
#include "module/access_gate.hpp"
#include "module/complex_value.hpp"
#include "module/introspection.hpp"
#include "module/jwks_file.hpp"
#include "module/learning.hpp"
#include "module/pool_text.hpp"
#include "module/recall.hpp"
#include "module/shared_zone.hpp"
#include "module/store_telling.hpp"

namespace ipfence::module {

namespace {

// What a token must carry here. The views are on the request.
struct Expected {
    std::optional<std::string_view> issuer;
    std::vector<std::string_view> audiences;
};

// Empty where the value is, or cannot be had: no token carries that.
std::string_view value_of(ngx_http_request_t *r, ngx_http_complex_value_t &value) {
    return evaluate(r, value).value_or(std::string_view{});
}

Expected expected_by(const RequestState &state) {
    ngx_http_request_t *r = state.request;
    Expected expected;
    if (state.conf->issuer != nullptr) {
        expected.issuer = value_of(r, *state.conf->issuer);
    }
    if (state.conf->audiences != nullptr) {
        for (ngx_http_complex_value_t &value :
             elements<ngx_http_complex_value_t>(*state.conf->audiences)) {
            expected.audiences.push_back(value_of(r, value));
        }
    }
    return expected;
}

// Under which what a token claims is remembered: another policy may look at other claims, and find
// another user in it.
class Scope {
  public:
    explicit Scope(const RequestState &state) {
        text_.reserve(256);
        add_print(state.policy().organization().claims_fingerprint);
    }

    // A fingerprint, all of which have one size.
    void add_print(std::span<const unsigned char> print) {
        text_.append(reinterpret_cast<const char *>(print.data()), print.size());
    }

    // Its size before it: what follows cannot be taken for a part of it.
    void add(std::string_view text) {
        const std::size_t size = text.size();
        text_.append(reinterpret_cast<const char *>(&size), sizeof(size)).append(text);
    }

    void add_if_any(const std::optional<std::string_view> &text) {
        using Texts = std::span<const std::string_view>;
        add_all(text ? Texts(&*text, 1) : Texts());
    }

    template <class Texts>
    void add_all(const Texts &texts) {
        const std::size_t count = texts.size();
        text_.append(reinterpret_cast<const char *>(&count), sizeof(count));
        for (const std::string_view text : texts) {
            add(text);
        }
    }

    std::string_view text() const noexcept { return text_; }

  private:
    std::string text_;
};

// A verified token was verified with these keys, for this issuer and these audiences.
Scope scope_of(const RequestState &state, const Jwks &jwks, const Expected &expected) {
    Scope scope(state);
    scope.add_print(jwks.fingerprint());
    scope.add_if_any(expected.issuer);
    scope.add_all(expected.audiences);
    return scope;
}

// An introspected one was read at this location.
Scope scope_of_introspection(const RequestState &state) {
    Scope scope(state);
    scope.add(view(state.conf->introspection));
    return scope;
}

// The token is hashed once a request: under a scope, it is its digest that is digested.
Digest key_of(AccessRequest &access, const Memory &memory, std::string_view scope) {
    if (!access.token_key) {
        access.token_key = token_digest_in(memory, access.token.token);
    }
    if (scope.empty()) {
        return *access.token_key;
    }
    return digest_in(memory, Role::token, scope, bytes_of(*access.token_key));
}

// Whether the token is known under this scope. `pending` and `unavailable` are the store's.
enum class Known : std::uint8_t { no, yes, pending, unavailable };

Known recall_token(RequestState &state, std::string_view scope) {
    AccessRequest &access = *state.access;
    const Memory *memory = memory_of(state);
    if (memory == nullptr) {
        return Known::no;
    }
    const Digest key = key_of(access, *memory, scope);
    const Recall how = make_known(state, std::span(&key, 1));
    if (how != Recall::settled) {
        return how == Recall::pending ? Known::pending : Known::unavailable;
    }
    recall(state, key, access.remembered);
    if (!access.remembered) {
        return Known::no;
    }
    access.origin.emplace(MadeInPlace([&access] {
        return origin_of(access.remembered->grant, access.remembered->credential.refreshed());
    }));
    return Known::yes;
}

// What that means where the token is known, or the store must be waited for.
std::optional<TokenIdentity> identity_of(Known known) noexcept {
    switch (known) {
        case Known::no:
            break;
        case Known::yes:
            return TokenIdentity::settled;
        case Known::pending:
            return TokenIdentity::pending;
        case Known::unavailable:
            return TokenIdentity::unavailable;
    }
    return std::nullopt;
}

void remember(RequestState &state, std::string_view scope, Seconds lifetime) {
    Memory *memory = memory_of(state);
    if (memory == nullptr) {
        return;
    }
    const Digest key = key_of(*state.access, *memory, scope);
    {
        const LearningScope scope_of_learning(state);
        report_learned(state, learn_derived_token(*memory, key, *state.access->origin, lifetime,
                                                  memory_now()));
    }
    tell_store_behind(state);
}

// The claims go, the request stays.
SessionOrigin kept(ngx_pool_t *pool, SessionOrigin origin) {
    origin.app = in_pool(pool, origin.app);
    origin.user = in_pool(pool, origin.user);
    if (origin.claimed_profile) {
        origin.claimed_profile = in_pool(pool, *origin.claimed_profile);
    }
    return origin;
}

Seconds seconds_until(std::int64_t expires) noexcept {
    const std::int64_t left = expires + JwtExpectations::kLeeway - ngx_time();
    return static_cast<Seconds>(std::clamp<std::int64_t>(left, 0, Memory::kMaxLifetime));
}

bool looks_like_jws(std::string_view token) noexcept {
    // `rfind` and a count look at one byte at a time.
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    return second != std::string_view::npos &&
           token.find('.', second + 1) == std::string_view::npos;
}

[[gnu::noinline]] TokenIdentity verify(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const Jwks &jwks = state.conf->jwks->current(r->connection->log);
    const Expected expected = expected_by(state);
    const Scope scope = scope_of(state, jwks, expected);
    if (const auto known = identity_of(recall_token(state, scope.text()))) {
        return *known;
    }
    const auto verified = verify_jwt(jwks, state.access->token.token,
                                     {expected.issuer, expected.audiences, ngx_time()});
    if (!verified) {
        const ngx_str_t text = ngx_view(verified.error().description);
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "ipfence: an access token does not verify: %V", &text);
        return TokenIdentity::invalid;
    }
    state.access->origin =
        kept(r->pool, origin_of(verified->claims, state.policy().organization()));
    remember(state, scope.text(), seconds_until(verified->expires));
    return TokenIdentity::settled;
}

// RFC 7662, section 2.2.
TokenIdentity read_introspection(RequestState &state, const Introspected &introspected) {
    if (!introspected.claims) {
        return TokenIdentity::settled;  // no answer: nothing knows the token
    }
    if (!introspected.is_active) {
        return TokenIdentity::invalid;
    }
    state.access->origin =
        kept(state.request->pool, origin_of(*introspected.claims, state.policy().organization()));
    const auto expires = introspected.claims->time("exp", Claims::Rounding::down);
    const Seconds lifetime = expires ? std::min(seconds_until(*expires), kIntrospectionLifetime)
                                     : kIntrospectionLifetime;
    remember(state, scope_of_introspection(state).text(), lifetime);
    return TokenIdentity::settled;
}

[[gnu::noinline]] TokenIdentity introspect(RequestState &state) {
    AccessRequest &access = *state.access;
    using Introspection = AccessRequest::Introspection;
    if (access.introspection == Introspection::answered) {
        return access.is_inactive ? TokenIdentity::invalid : TokenIdentity::settled;
    }
    if (access.introspection == Introspection::waiting) {
        return TokenIdentity::pending;
    }
    if (const auto known = identity_of(recall_token(state, scope_of_introspection(state).text()))) {
        return *known;
    }
    if (!ask_provider(state)) {
        access.introspection = Introspection::answered;
        return TokenIdentity::settled;
    }
    access.introspection = Introspection::waiting;
    return TokenIdentity::pending;
}

}  // namespace

void take_introspection(RequestState &state, const Introspected &introspected) {
    state.access->introspection = AccessRequest::Introspection::answered;
    state.access->is_inactive = read_introspection(state, introspected) == TokenIdentity::invalid;
}

TokenIdentity identify_token(RequestState &state) {
    AccessRequest &access = *state.access;
    if (access.token.kind != PresentedToken::Kind::token || access.origin) {
        return TokenIdentity::settled;
    }
    if (const auto known = identity_of(recall_token(state, {}))) {
        return *known;
    }
    if (state.conf->jwks != nullptr && looks_like_jws(access.token.token)) {
        return verify(state);
    }
    return state.conf->introspection.len != 0 ? introspect(state) : TokenIdentity::settled;
}

}  // namespace ipfence::module
