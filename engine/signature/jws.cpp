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
using Text = std::optional<string_view>;

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

// Without a `kid` the keys of the algorithm are tried, in their order.
Result<const VerificationKey *, JwtFault> find_signer(const Jwks &jwks, const Claims &header,
                                                      const DecodedJws &jws) {
    const auto algorithm = signature_algorithm_of(header.text("alg").value_or(string_view{}));
    if (!algorithm) {
        return JwtFault{"the algorithm is none, symmetric or unknown"};
    }
    const bool has_key_id = header.has("kid");
    const Text key_id = header.text("kid");
    bool any_named = false;
    unsigned tried = 0;
    for (const VerificationKey &key : jwks.keys()) {
        if (has_key_id && key_id != key.key_id) {
            continue;
        }
        any_named = true;
        const Verifier *verifier = key.verifier_of(*algorithm);
        if (verifier == nullptr) {
            continue;
        }
        if (tried++ == DecodedJws::kMostKeysTried) {
            return JwtFault{"the token has no kid, and its algorithm more keys than are tried"};
        }
        if (verifier->verify(jws.signed_text, jws.signature)) {
            return &key;
        }
    }
    if (tried != 0) {
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
