#pragma once

#include <jansson.h>

#include <functional>
#include <map>
#include <string>

#include "engine/policy/inspection.hpp"
#include "engine/policy/range_list.hpp"

namespace ipfence {

/// The networks of a policy by name. One with a fault is there all the same, so that its users are
/// not reported as well.
using Networks = std::map<std::string, RangeList, std::less<>>;

/// Reads the member `networks`. A network may be made of others, wherever in the document they are;
/// it has what is in them then, each once. One that is made of itself is a fault.
Networks read_networks(Inspection &inspection, const json_t *value);

}  // namespace ipfence
