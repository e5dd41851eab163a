#pragma once

#include <optional>
#include <string_view>

#include "engine/memory/memory.hpp"

namespace ipfence {

/// What an access, refresh or ID token is remembered by, in whichever of its spellings it comes.
/// Empty when there is no memory.
std::optional<Digest> digest_of_token(const Memory &memory, std::string_view token) noexcept;

}  // namespace ipfence
