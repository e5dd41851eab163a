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
};

/// How many requests are looked up together at most: some more than the cache misses that a core
/// waits for at a time.
inline constexpr std::size_t kTogether = 16;

/// Looks up the names of each request, into the element of the same index; there are as many of
/// both, and at most kTogether. They wait for memory together, and so do the two names of one.
void look_up(const Policy &policy, std::span<const DecisionRequest> requests,
             std::span<LookedUp> looked_up) noexcept;

inline LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept {
    LookedUp looked_up;
    look_up(policy, {&request, 1}, {&looked_up, 1});
    return looked_up;
}

}  // namespace ipfence
