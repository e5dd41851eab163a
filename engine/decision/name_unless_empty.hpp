#pragma once

#include <optional>
#include <string_view>

namespace ipfence {

/// A name as the decision takes it: the empty name names nobody.
inline std::optional<std::string_view> name_unless_empty(std::string_view name) noexcept {
    return name.empty() ? std::nullopt : std::optional(name);
}

}  // namespace ipfence
