#include "engine/policy/relaxation.hpp"

namespace ipfence {

std::string_view name_of(Relaxation relaxation) noexcept {
    switch (relaxation) {
        case Relaxation::enforce:
            return "enforce";
        case Relaxation::relax_for_refresh_tokens:
            return "relax_for_refresh_tokens";
        case Relaxation::relax_for_activated_devices:
            return "relax_for_activated_devices";
        case Relaxation::relax:
            return "relax";
    }
    return "";
}

std::string_view name_of(SensitiveOperations mode) noexcept {
    switch (mode) {
        case SensitiveOperations::block_relaxed_apps:
            return "block_relaxed_apps";
        case SensitiveOperations::block_relaxed_sessions:
            return "block_relaxed_sessions";
        case SensitiveOperations::outside_ranges:
            return "outside_ranges";
    }
    return "";
}

std::string_view name_of(TrustedRangesEffect effect) noexcept {
    switch (effect) {
        case TrustedRangesEffect::replace:
            return "replace";
        case TrustedRangesEffect::bypass:
            return "bypass";
    }
    return "";
}

}  // namespace ipfence
