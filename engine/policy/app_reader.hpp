#pragma once

#include <jansson.h>

#include <string>

#include "engine/policy/range_list_reader.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// Reads one member of `apps`.
AppSettings read_app(Inspection &inspection, std::string client_id, const json_t *value,
                     RangeListReader &lists);

/// Reads `organization.default_app`, which has the settings of an app, but neither a name nor a
/// user of its own.
AppSettings read_default_app(Inspection &inspection, const json_t *value, RangeListReader &lists);

}  // namespace ipfence
