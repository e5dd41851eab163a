#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace ipfence {

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);

/// Base64url without padding (RFC 7515, section 2).
std::string base64url(std::string_view bytes);

/// The value of an `Authorization` header for these credentials, as they stand.
std::string basic(std::string_view credentials);

/// A JWS in compact form that nobody signed.
std::string jwt(std::string_view payload, std::string_view header = R"({"alg":"RS256"})");

/// A form body, every byte escaped that is not a letter or digit.
std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> parameters);

}  // namespace ipfence
