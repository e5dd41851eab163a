#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// The access token that an API request presents (RFC 6750, section 2; RFC 9449, section 7).
struct PresentedToken {
    enum class Kind : std::uint8_t {
        none,     ///< no credential that this reader knows of
        token,    ///< exactly one access token
        foreign,  ///< an `Authorization` of another scheme (Basic, Negotiate…): a credential that
                  ///< says nothing here
    };
    Kind kind = Kind::none;
    std::string_view token;  ///< set exactly for `token`; points into the request or into storage
};

/// Finds the access token in the `Authorization` header (empty: none), the raw query, and the body
/// (empty unless it is application/x-www-form-urlencoded). Refused, because the gate and the
/// API could read another token: a token in more than one place (B13), a parameter `access_token`,
/// `oauth_token` or `bearer_token` given twice or under a name that a lenient parser folds onto it
/// (`Access_Token`, `access.token`, `access_token[]`, `%61…` decodes first), bad percent-encoding
/// in such a name or value, a `;` that would begin such a parameter, an Authorization with a comma
/// or space inside or after the token, a token outside RFC 6750's b64token characters and `!`, `|`,
/// `:`, an empty token. Other parameters may look as they like. `storage` must be at least as large
/// as query and body together, and outlive the result. Allocates nothing.
Result<PresentedToken, Refusal> find_presented_token(std::string_view authorization,
                                                     std::string_view query,
                                                     std::string_view form_body,
                                                     std::span<char> storage) noexcept;

}  // namespace ipfence
