#pragma once

#include <jansson.h>

#include "engine/policy/inspection.hpp"
#include "engine/policy/range_list.hpp"

namespace ipfence {

/// Reads the member `networks`. A network may be made of others, wherever in the document they are;
/// it has what is in them then, each once. One that is made of itself is a fault.
Networks read_networks(Inspection &inspection, const json_t *value);

}  // namespace ipfence
