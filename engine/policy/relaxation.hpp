#pragma once

#include <cstdint>
#include <string_view>

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

/// The words of the policy file for these values; the views are literals.
std::string_view name_of(Relaxation relaxation) noexcept;
std::string_view name_of(SensitiveOperations mode) noexcept;
std::string_view name_of(TrustedRangesEffect effect) noexcept;

}  // namespace ipfence
