#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <jansson.h>

namespace ipfence {

/// A JSON object that nobody vouches for here: the claims of a JWT whose signature is not checked, or
/// an answer of the provider. Owns the parsed JSON.
class Claims {
  public:
    /// Reads one JSON object with unique members, and nothing else; empty for anything else.
    static std::optional<Claims> parse(std::string_view json);

    /// The claim `name` when it is a string that is not empty, is valid UTF-8 and has no control
    /// byte; valid as long as these claims.
    std::optional<std::string_view> text(const char *name) const noexcept;

    /// Whether the claim is there at all, of whatever type.
    bool has(const char *name) const noexcept;

  private:
    explicit Claims(json_t *object) noexcept : object_(object) {}

    struct Release {
        void operator()(json_t *value) const noexcept { json_decref(value); }
    };
    std::unique_ptr<json_t, Release> object_;
};

/// What a text is when read as a JWT (RFC 7519).
struct UnverifiedJwt {
    enum class Kind {
        opaque,     ///< not a JWT at all, or one that hides its claims (JWE): it says nothing
        claims,     ///< a JWS in compact form with one reading
        ambiguous,  ///< looks like a JWS, but two readers may disagree: duplicate members,
                    ///< base64url that is not canonical, a header or payload that is no JSON object
    };
    Kind kind = Kind::opaque;
    std::optional<Claims> claims;  ///< set exactly for Kind::claims
};

/// Reads `token` without verifying it. A text is taken for a JWS when it has three parts and the
/// first decodes to a JSON object with `alg`; for a JWE when it has five. Depth and size are
/// bounded by jansson's limits and the caller's.
UnverifiedJwt read_unverified_jwt(std::string_view token);

}  // namespace ipfence
