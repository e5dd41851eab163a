#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/load_policy.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence {

/// Reads a users file (interface.md: NDJSON, `{"user", "profile"}` a line, `{"users": N}` at the
/// end, which may lack its line end) line by line into `builder`. `seen` is given every byte that
/// counts, for the policy's hash. Faults go to `errors` with the name `file`; after the first
/// thousand they are only counted. False when they were for a want of descriptors or memory
/// (SourceFailure).
bool read_users_file(const std::string &file, SourceKind kind, PolicyBuilder &builder,
                     const std::function<void(std::string_view)> &seen,
                     std::vector<Diagnostic> &errors);

}  // namespace ipfence
