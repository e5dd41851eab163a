#include "engine/signature/verified_jwt.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace ipfence {

namespace {

using std::string_view;
using Fault = std::optional<JwtFault>;

// A part of a second counts against the token.
std::optional<std::int64_t> end_of(const Claims &claims) noexcept {
    return claims.time("exp", Claims::Rounding::down);
}

Fault check_times(const Claims &claims, std::int64_t now) {
    constexpr std::int64_t kLeeway = JwtExpectations::kLeeway;

    const auto expires = end_of(claims);
    if (!expires) {
        return JwtFault{"exp is missing or no time"};
    }
    if (now - kLeeway >= *expires) {
        return JwtFault{"the token has expired"};
    }
    for (const char *name : {"nbf", "iat"}) {
        const auto begins = claims.time(name, Claims::Rounding::up);
        if (!begins && claims.has(name)) {
            return JwtFault{"nbf or iat is no time"};
        }
        if (begins && *begins > now + kLeeway) {
            return JwtFault{"the token is from the future"};
        }
    }
    return std::nullopt;
}

Fault check_parties(const Claims &claims, const JwtExpectations &expectations) {
    if (expectations.issuer && claims.text("iss") != expectations.issuer) {
        return JwtFault{"the issuer is another"};
    }
    if (expectations.audiences.empty()) {
        return std::nullopt;
    }
    std::vector<string_view> audiences = claims.texts("aud");
    if (const auto single = claims.text("aud")) {
        audiences.push_back(*single);
    }
    const bool is_meant = std::ranges::any_of(expectations.audiences, [&](string_view wanted) {
        return std::ranges::find(audiences, wanted) != audiences.end();
    });
    return is_meant ? Fault() : Fault(JwtFault{"the token is for another audience"});
}

}  // namespace

Result<VerifiedJwt, JwtFault> verify_jwt(const Jwks &jwks, string_view token,
                                         const JwtExpectations &expectations) {
    auto jws = verify_jws(jwks, token);
    if (!jws) {
        return jws.error();
    }
    auto claims = Claims::parse(jws->payload);
    if (!claims) {
        return JwtFault{"the claims are not a JSON object with unique members"};
    }
    if (claims->names_party_in_variants()) {
        return JwtFault{"iss or sub is given in another spelling"};
    }
    if (const Fault fault = check_times(*claims, expectations.now)) {
        return *fault;
    }
    if (const Fault fault = check_parties(*claims, expectations)) {
        return *fault;
    }
    const std::int64_t expires = *end_of(*claims);
    return VerifiedJwt{std::move(*claims), expires};
}

}  // namespace ipfence
