#pragma once

#include "engine/memory/memory.hpp"

namespace ipfence {

/// How long what an answer issues is remembered, in seconds, where it does not say itself.
struct Lifetimes {
    /// How far clocks may differ (threats.md, G14).
    static constexpr Seconds kLeeway = 60;
    static constexpr Seconds kCode = 3600;
    static constexpr Seconds kAccessToken = 24 * 3600;
    static constexpr Seconds kRefreshToken = Memory::kMaxLifetime;
    static constexpr Seconds kSession = 30 * 24 * 3600;
    /// What a refresh token that was rotated away is still good for: to be known when it comes
    /// again, and left to the provider.
    static constexpr Seconds kRotated = 3600;
};

}  // namespace ipfence
