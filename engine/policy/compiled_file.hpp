#pragma once

#include <optional>
#include <string>

#include "engine/policy/policy.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// Writes a policy's image to `path`, for `load_policy` to take up: into a new file beside it,
/// synced, renamed over it, so that a reader finds the old file or the whole new one. A file that
/// is replaced leaves the new one its mode, its group, and to root its owner; a symbolic link
/// stays, and leads to the new file; a pipe or a device is written into. Says what went wrong, if
/// anything; the old file then is as it was.
std::optional<Error> write_compiled(const Policy &policy, const std::string &path);

/// Writes it into an open file; `name` is what an error calls that.
std::optional<Error> write_compiled(const Policy &policy, int descriptor, const std::string &name);

}  // namespace ipfence
