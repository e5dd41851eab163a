#pragma once

#include <jansson.h>

#include <optional>

#include "engine/policy/inspection.hpp"
#include "engine/policy/json_value.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence {

/// The profile that a value names. Empty where it names none, which is reported.
inline std::optional<ProfileNumber> named_profile(Inspection &inspection, const json_t *value,
                                                  const PolicyBuilder &builder) {
    const auto name = text_of(inspection, value);
    const auto profile = name ? builder.find_profile(*name) : std::nullopt;
    if (name && !profile) {
        inspection.error("there is no profile \"" + *name + "\" in profiles");
    }
    return profile;
}

}  // namespace ipfence
