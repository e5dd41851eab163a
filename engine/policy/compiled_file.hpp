#pragma once

#include <optional>
#include <string>

#include "engine/policy/policy.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// Writes a policy's image to `path`, for `load_policy` to take up: into a new file beside it,
/// synced, renamed over it, so that a reader finds the old file or the whole new one. Says what
/// went wrong, if anything; the old file then is as it was.
std::optional<Error> write_compiled(const Policy &policy, const std::string &path);

}  // namespace ipfence
