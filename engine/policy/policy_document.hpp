#pragma once

#include <jansson.h>

#include <string>

#include "engine/policy/inspection.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence {

/// Reads a policy document (interface.md, "Policy file") into `builder`, and reports every fault to
/// `inspection`. Returns the `users_file` that it names, empty when none. With a fault, what was
/// built must not be used; it serves only to go on checking.
std::string read_policy_document(Inspection &inspection, const json_t *document,
                                 PolicyBuilder &builder);

/// Reports each app's `run_as` that `builder` does not list, now that all users are there.
void check_run_as(Inspection &inspection, const json_t *document, const PolicyBuilder &builder);

}  // namespace ipfence
