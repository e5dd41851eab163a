#pragma once

#include <string_view>

namespace ipfence {

/// Why a name of a form's parameter that is no known one is not let through; empty where it is. A
/// name that a lenient parser folds onto a known one is not.
std::string_view objection_to_name(std::string_view name) noexcept;

/// The same of a name that a token request shall be allowed to have in its query, where no OAuth
/// parameter belongs.
std::string_view objection_to_query_name(std::string_view name) noexcept;

}  // namespace ipfence
