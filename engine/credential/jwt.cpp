#include "engine/credential/jwt.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/credential/base64.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

using Kind = UnverifiedJwt::Kind;

constexpr std::size_t kJwsParts = 3;
constexpr std::size_t kJweParts = 5;

struct Parts {
    std::array<std::string_view, kJweParts> part;
    std::size_t count = 0;  // kJweParts + 1 stands for more
};

Parts split(std::string_view token) noexcept {
    Parts parts;
    bool more = true;
    while (more) {
        const std::size_t dot = token.find('.');
        if (parts.count == kJweParts) {
            ++parts.count;
            return parts;
        }
        parts.part[parts.count++] = token.substr(0, dot);
        more = dot != std::string_view::npos;
        token.remove_prefix(more ? dot + 1 : token.size());
    }
    return parts;
}

std::optional<Claims> read_object(const std::optional<std::string> &json) {
    return json ? Claims::parse(*json) : std::nullopt;
}

bool leniently_names_algorithm(std::string_view part) {
    const auto json = decode_base64_leniently(part);
    return json && json->find('{') != std::string::npos &&
           (json->find("alg") != std::string::npos || json->find("\\u") != std::string::npos);
}

// RFC 7797 and compression make the payload another text than the one between the dots.
bool hides_payload(const Claims &header) noexcept {
    return header.has("zip") || header.has("b64");
}

UnverifiedJwt read_jws(const Parts &parts) {
    auto header = read_object(decode_base64url(parts.part[0]));
    if (!header || !header->text("alg")) {
        return {leniently_names_algorithm(parts.part[0]) ? Kind::ambiguous : Kind::opaque, {}};
    }
    auto claims = read_object(decode_base64url(parts.part[1]));
    if (!claims || hides_payload(*header) || !decode_base64url(parts.part[2])) {
        return {Kind::ambiguous, {}};
    }
    return {Kind::claims, std::move(claims)};
}

}  // namespace

std::optional<Claims> Claims::parse(std::string_view json) {
    json_t *value = json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, nullptr);
    Claims claims(value);
    return json_is_object(value) ? std::optional(std::move(claims)) : std::nullopt;
}

std::optional<std::string_view> Claims::text(const char *name) const noexcept {
    const json_t *value = json_object_get(object_.get(), name);
    if (!json_is_string(value)) {
        return std::nullopt;
    }
    const std::string_view text(json_string_value(value), json_string_length(value));
    return is_name(text) ? std::optional(text) : std::nullopt;
}

bool Claims::has(const char *name) const noexcept {
    return json_object_get(object_.get(), name) != nullptr;
}

UnverifiedJwt read_unverified_jwt(std::string_view token) {
    const Parts parts = split(token);
    return parts.count == kJwsParts ? read_jws(parts) : UnverifiedJwt{Kind::opaque, {}};
}

}  // namespace ipfence
