#pragma once

#include <cstdint>
#include <string_view>

#include "engine/credential/known_parameter.hpp"

namespace ipfence {

/// The grant types that the gate knows (RFC 6749, 7523, 7522, 8628, 8693).
enum class Grant : std::uint8_t {
    authorization_code,
    refresh_token,
    password,
    client_credentials,
    jwt_bearer,
    saml2_bearer,
    device_code,
    token_exchange,
    extension,  ///< any other
};

/// The grant of this grant_type.
Grant grant_named(std::string_view name) noexcept;

/// Whether parameters make a request of this grant one of another grant as well, which it could be
/// to a provider that looks at them first (threats.md F09). An extension grant may have any.
bool has_credential_of_another_grant(KnownParameters given, Grant grant) noexcept;

}  // namespace ipfence
