#pragma once

#include <string_view>

#include "engine/signature/jwks.hpp"

namespace ipfence {

/// Whether `signature` (raw bytes, as RFC 7518 and RFC 8037 lay them out) is one of `key` over
/// `text` by `algorithm`, which the key must have.
bool verify_signature(const VerificationKey &key, SignatureAlgorithm algorithm,
                      std::string_view text, std::string_view signature);

}  // namespace ipfence
