#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// What a policy says of the names in a request.
struct LookedUp {
    const App *app = nullptr;              ///< as `effective_app` says
    std::optional<std::string_view> user;  ///< as `effective_user` says
    const Profile *profile = nullptr;      ///< what is listed for the user; null: nothing
    /// The search for the address in the login IP ranges of `profile`, where it was begun.
    std::optional<TreeSearch> login_search;
};

/// How many requests are looked up together at most: several times the cache misses that a core
/// waits for at a time, so that the end of one stage is hidden in the next.
inline constexpr std::size_t kTogether = 64;

/// Looks up the names of each request, into the element of the same index; there are as many of
/// both, and at most kTogether. They wait for memory together, and so do the two names of one.
void look_up(const Policy &policy, std::span<const DecisionRequest> requests,
             std::span<LookedUp> looked_up) noexcept;

/// The same for one request; its two names wait together.
LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept;

}  // namespace ipfence
