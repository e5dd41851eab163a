#pragma once

#include <optional>
#include <string_view>

#include "engine/credential/token_spelling.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

/// The part of `digest_of_token` for a token that may have another spelling.
std::optional<Digest> digest_of_any_spelling(const Memory &memory, std::string_view token) noexcept;

/// What an access, refresh or ID token is remembered by, in whichever of its spellings it comes.
/// Empty when there is no memory. Here, as every request with a token asks for it.
inline std::optional<Digest> digest_of_token(const Memory &memory,
                                             std::string_view token) noexcept {
    return may_have_two_spellings(token) ? digest_of_any_spelling(memory, token)
                                         : memory.digest(Role::token, {}, token);
}

}  // namespace ipfence
