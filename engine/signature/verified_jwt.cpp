#include "engine/signature/verified_jwt.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/credential/base64.hpp"
#include "engine/signature/signature.hpp"

namespace ipfence {

namespace {

using std::string_view;
using Fault = std::optional<JwtFault>;

// No provider's access token comes near it, and no header line of nginx's holds more.
constexpr std::size_t kMaxTokenSize = 16 * 1024;

// Header parameters that would have another key or payload than ours verified (G04, G09).
constexpr std::array<const char *, 7> kRefusedParameters{"crit", "b64", "zip", "jku",
                                                         "jwk",  "x5u", "x5c"};

struct Jws {
    Claims header;
    string_view signed_text;
    std::string payload;
    std::string signature;
};

struct Parts {
    string_view header;
    string_view payload;
    string_view signature;
    string_view signed_text;
};

std::optional<Parts> split(string_view token) noexcept {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == last || token.find('.', first + 1) != last) {
        return std::nullopt;
    }
    return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
                 token.substr(last + 1), token.substr(0, last)};
}

// RFC 7515, section 5.2, up to the signature itself.
Result<Jws, JwtFault> read_jws(string_view token) {
    if (token.size() > kMaxTokenSize) {
        return JwtFault{"the token is larger than 16 KiB"};
    }
    const auto parts = split(token);
    if (!parts) {
        return JwtFault{"the token has not three parts"};
    }
    const auto header_text = decode_base64url(parts->header);
    auto payload = decode_base64url(parts->payload);
    auto signature = decode_base64url(parts->signature);
    if (!header_text || !payload || !signature) {
        return JwtFault{"a part of the token is not canonical base64url"};
    }
    auto header = Claims::parse(*header_text);
    if (!header) {
        return JwtFault{"the header is not a JSON object with unique members"};
    }
    return Jws{std::move(*header), parts->signed_text, std::move(*payload), std::move(*signature)};
}

Fault check_header(const Claims &header) {
    for (const char *parameter : kRefusedParameters) {
        if (header.has(parameter)) {
            return JwtFault{"the header has a parameter that is not accepted"};
        }
    }
    return std::nullopt;
}

bool fits(const VerificationKey &key, SignatureAlgorithm algorithm, const Claims &header) {
    const bool has_algorithm = std::ranges::find(key.algorithms, algorithm) != key.algorithms.end();
    return has_algorithm &&
           (!header.has("kid") || key.key_id.empty() || header.text("kid") == key.key_id);
}

Fault check_signature(const Jwks &jwks, const Jws &jws) {
    const auto algorithm = signature_algorithm_of(jws.header.text("alg").value_or(string_view{}));
    if (!algorithm) {
        return JwtFault{"the algorithm is not one that is verified"};
    }
    bool any_fits = false;
    for (const VerificationKey &key : jwks.keys()) {
        if (!fits(key, *algorithm, jws.header)) {
            continue;
        }
        any_fits = true;
        if (verify_signature(key, *algorithm, jws.signed_text, jws.signature)) {
            return std::nullopt;
        }
    }
    return any_fits ? JwtFault{"the signature does not verify"}
                    : JwtFault{"no key has its kid and algorithm"};
}

// RFC 7519, section 2: a NumericDate may have a fraction; ours are whole, as every provider's are.
Fault check_times(const Claims &claims, std::int64_t now) {
    constexpr std::int64_t kLeeway = JwtExpectations::kLeeway;
    constexpr std::int64_t kLatest = std::int64_t{1} << 40;

    const auto expires = claims.integer("exp");
    if (!expires || *expires < 0 || *expires > kLatest) {
        return JwtFault{"exp is missing or no time"};
    }
    if (now - kLeeway >= *expires) {
        return JwtFault{"the token has expired"};
    }
    for (const char *name : {"nbf", "iat"}) {
        const auto begins = claims.integer(name);
        if (claims.has(name) && (!begins || *begins < 0 || *begins > kLatest)) {
            return JwtFault{"nbf or iat is no time"};
        }
        if (begins && *begins > now + kLeeway) {
            return JwtFault{"the token is from the future"};
        }
    }
    return std::nullopt;
}

Fault check_parties(const Claims &claims, const JwtExpectations &expectations) {
    if (!expectations.issuer.empty() && claims.text("iss") != expectations.issuer) {
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

Result<VerifiedJws, JwtFault> verify_jws(const Jwks &jwks, string_view token) {
    auto jws = read_jws(token);
    if (!jws) {
        return jws.error();
    }
    if (const Fault fault = check_header(jws->header)) {
        return *fault;
    }
    if (const Fault fault = check_signature(jwks, *jws)) {
        return *fault;
    }
    return VerifiedJws{std::move(jws->payload)};
}

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
    if (const Fault fault = check_times(*claims, expectations.now)) {
        return *fault;
    }
    if (const Fault fault = check_parties(*claims, expectations)) {
        return *fault;
    }
    const std::int64_t expires = *claims->integer("exp");
    return VerifiedJwt{std::move(*claims), expires};
}

}  // namespace ipfence
