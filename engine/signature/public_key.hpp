#pragma once

#include <jansson.h>

#include <optional>

#include "engine/result.hpp"
#include "engine/signature/jwks.hpp"

namespace ipfence {

/// Makes a key of one JWK (RFC 7517, section 4; RFC 7518, section 6; RFC 8037). Empty optional for
/// a key that is of no use here: of another type or curve, or not for signatures. An error for one
/// that should be of use and is broken, too weak, too large or private.
Result<std::optional<VerificationKey>> make_verification_key(const json_t *jwk);

}  // namespace ipfence
