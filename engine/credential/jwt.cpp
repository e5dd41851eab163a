#include "engine/credential/jwt.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "engine/credential/base64.hpp"

namespace ipfence {

namespace {

using Kind = UnverifiedJwt::Kind;

// Header, payload and signature of a JWS in compact form (RFC 7515, section 7.1).
using Parts = std::array<std::string_view, 3>;

// `rfind` would look at one byte at a time.
std::optional<Parts> split(std::string_view token) noexcept {
    const std::size_t first = token.find('.');
    const std::size_t last = first == token.npos ? first : token.find('.', first + 1);
    if (last == token.npos || token.find('.', last + 1) != token.npos) {
        return std::nullopt;
    }
    return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
                 token.substr(last + 1)};
}

std::optional<Claims> read_object(const std::optional<std::string> &json) {
    return json ? Claims::parse(*json) : std::nullopt;
}

// An escape could spell `alg` in another way.
bool leniently_names_algorithm(std::string_view part) {
    const std::string json = decode_base64_leniently(part);
    return json.find('{') != std::string::npos &&
           (json.find("\"alg\"") != std::string::npos || json.find("\\u") != std::string::npos);
}

// RFC 7797 and compression make the payload another text than the one between the dots.
bool hides_payload(const Claims &header) noexcept {
    return header.has("zip") || header.has("b64");
}

bool names_party_in_variants(const Claims &claims) noexcept {
    return claims.has_variant_of("iss") || claims.has_variant_of("sub");
}

UnverifiedJwt read_jws(const Parts &parts) {
    const auto &[encoded_header, encoded_claims, signature] = parts;
    const auto header = read_object(decode_base64url(encoded_header));
    if (!header || !header->text("alg")) {
        return {leniently_names_algorithm(encoded_header) ? Kind::ambiguous : Kind::opaque, {}};
    }
    auto claims = read_object(decode_base64url(encoded_claims));
    if (!claims || hides_payload(*header) || names_party_in_variants(*claims) ||
        !is_base64url(signature)) {
        return {Kind::ambiguous, {}};
    }
    return {Kind::claims, std::move(claims)};
}

}  // namespace

UnverifiedJwt read_unverified_jwt(std::string_view token) {
    const auto parts = split(token);
    return parts ? read_jws(*parts) : UnverifiedJwt{Kind::opaque, {}};
}

}  // namespace ipfence
