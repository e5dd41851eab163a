#pragma once

#include <jansson.h>

#include "engine/policy/policy_builder.hpp"
#include "engine/policy/range_list_reader.hpp"

namespace ipfence {

/// Reads the member `organization` of a policy document; `builder` must have the profiles already.
OrganizationSettings read_organization(Inspection &inspection, const json_t *document,
                                       RangeListReader &lists, const PolicyBuilder &builder);

}  // namespace ipfence
