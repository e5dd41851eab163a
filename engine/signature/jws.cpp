#include "engine/signature/jws.hpp"

#include <array>
#include <optional>
#include <utility>

#include "engine/credential/base64.hpp"
#include "engine/credential/claims.hpp"

namespace ipfence {

namespace {

using std::string_view;
using Fault = std::optional<JwtFault>;

// Header parameters that would have another key or payload than ours verified (G04, G09).
constexpr std::array<const char *, 7> kRefusedParameters{"crit", "b64", "zip", "jku",
                                                         "jwk",  "x5u", "x5c"};

Fault check_parameters(const Claims &header) {
    for (const char *parameter : kRefusedParameters) {
        if (header.has(parameter)) {
            return JwtFault{"the header has a parameter that is not accepted"};
        }
    }
    return std::nullopt;
}

bool is_named(const VerificationKey &key, const Claims &header) noexcept {
    return !header.has("kid") || header.text("kid") == key.key_id;
}

// Without a `kid` every key of the algorithm is tried.
Result<const VerificationKey *, JwtFault> find_signer(const Jwks &jwks, const Claims &header,
                                                      const DecodedJws &jws) {
    const auto algorithm = signature_algorithm_of(header.text("alg").value_or(string_view{}));
    if (!algorithm) {
        return JwtFault{"the algorithm is none, symmetric or unknown"};
    }
    bool any_named = false;
    bool any_fits = false;
    for (const VerificationKey &key : jwks.keys()) {
        if (!is_named(key, header)) {
            continue;
        }
        any_named = true;
        const Verifier *verifier = key.verifier_of(*algorithm);
        if (verifier == nullptr) {
            continue;
        }
        any_fits = true;
        if (verifier->verify(jws.signed_text, jws.signature)) {
            return &key;
        }
    }
    if (any_fits) {
        return JwtFault{"the signature does not verify"};
    }
    return any_named ? JwtFault{"the algorithm is not the key's"}
                     : JwtFault{"no key has the token's kid"};
}

}  // namespace

Result<DecodedJws, JwtFault> decode_jws(string_view token) {
    if (token.size() > DecodedJws::kMaxSize) {
        return JwtFault{"the token is larger than 16 KiB"};
    }
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == last || token.find('.', first + 1) != last) {
        return JwtFault{"the token has not three parts"};
    }
    auto header = decode_base64url(token.substr(0, first));
    auto payload = decode_base64url(token.substr(first + 1, last - first - 1));
    auto signature = decode_base64url(token.substr(last + 1));
    if (!header || !payload || !signature) {
        return JwtFault{"a part of the token is not canonical base64url"};
    }
    return DecodedJws{std::move(*header), std::move(*payload), std::move(*signature),
                      token.substr(0, last)};
}

Result<VerifiedJws, JwtFault> verify_jws(const Jwks &jwks, string_view token) {
    auto jws = decode_jws(token);
    if (!jws) {
        return jws.error();
    }
    const auto header = Claims::parse(jws->header);
    if (!header) {
        return JwtFault{"the header is not a JSON object with unique members"};
    }
    if (const Fault fault = check_parameters(*header)) {
        return *fault;
    }
    const auto signer = find_signer(jwks, *header, *jws);
    if (!signer) {
        return signer.error();
    }
    return VerifiedJws{std::move(jws->payload), signer.value()->key_id};
}

}  // namespace ipfence
