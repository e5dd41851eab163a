#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/address/address.hpp"
#include "engine/memory/record.hpp"

namespace ipfence {

/// Where an authorization request came from, and for whom it is still to be decided: a code that a
/// step inside the provider's own pages hands out does not say for which app it is, and is decided
/// for the browser once its exchange does (threats.md, F16).
struct BrowserLogin {
    std::optional<Address> client_address{};
    /// Who the browser's sessions are known to be, as `names_in_one` writes them; empty where all
    /// has been decided.
    std::string_view undecided_users{};

    /// Whether it is still to be decided for this user.
    bool is_undecided_for(std::string_view user) const noexcept;
};

/// Names in one text.
std::string names_in_one(std::span<const std::string_view> names);

/// What memory says of the grant of a code; the view is on `grant`.
BrowserLogin browser_login_of(const GrantRecord &grant) noexcept;

/// Whether a grant is of a possible login that handed out nothing: all that it says is that its
/// session may be another user's since.
bool is_possible_login(const GrantRecord &grant) noexcept;

}  // namespace ipfence
