#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/credential/claims.hpp"

namespace ipfence {

/// Whom a token names.
struct NamedUser {
    std::optional<std::string_view> user;  ///< valid as long as the claims
    std::string_view claim{};              ///< the one that named the user
    /// Whether the first claim that is there is a value that nobody can read: another claim must
    /// not open what that one would close (semantics.md, "Unknown is not unrestricted").
    bool is_unreadable = false;
};

/// The user in the first of these claims that says anything; `null` and an empty text say nothing.
NamedUser user_named_in(const Claims &claims, std::span<const std::string> user_claims) noexcept;

}  // namespace ipfence
