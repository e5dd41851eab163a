#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/named.hpp"

namespace ipfence {

/// An app's IP relaxation (semantics.md, Terms).
enum class Relaxation : std::uint8_t {
    enforce,
    relax_for_refresh_tokens,
    relax_for_activated_devices,
    relax,
};

/// What blocks a sensitive operation under continuous IP enforcement (semantics.md, step 5).
enum class SensitiveOperations : std::uint8_t {
    block_relaxed_apps,
    block_relaxed_sessions,
    outside_ranges,
};

/// What an address outside an app's trusted IP ranges means (semantics.md, step 4).
enum class TrustedRangesEffect : std::uint8_t { replace, bypass };

/// The words of the policy file for these values.
inline constexpr std::array kRelaxationNames{
    Named{Relaxation::enforce, "enforce"},
    Named{Relaxation::relax_for_refresh_tokens, "relax_for_refresh_tokens"},
    Named{Relaxation::relax_for_activated_devices, "relax_for_activated_devices"},
    Named{Relaxation::relax, "relax"},
};

inline constexpr std::array kSensitiveOperationsNames{
    Named{SensitiveOperations::block_relaxed_apps, "block_relaxed_apps"},
    Named{SensitiveOperations::block_relaxed_sessions, "block_relaxed_sessions"},
    Named{SensitiveOperations::outside_ranges, "outside_ranges"},
};

inline constexpr std::array kTrustedRangesEffectNames{
    Named{TrustedRangesEffect::replace, "replace"},
    Named{TrustedRangesEffect::bypass, "bypass"},
};

static_assert(lists_in_order(kRelaxationNames) && lists_in_order(kSensitiveOperationsNames) &&
              lists_in_order(kTrustedRangesEffectNames));

/// The words of the policy file for these values.
constexpr std::string_view name_of(Relaxation relaxation) noexcept {
    return kRelaxationNames[static_cast<std::size_t>(relaxation)].text;
}
constexpr std::string_view name_of(SensitiveOperations mode) noexcept {
    return kSensitiveOperationsNames[static_cast<std::size_t>(mode)].text;
}
constexpr std::string_view name_of(TrustedRangesEffect effect) noexcept {
    return kTrustedRangesEffectNames[static_cast<std::size_t>(effect)].text;
}

}  // namespace ipfence
