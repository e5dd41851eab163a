#pragma once

#include <jansson.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/policy/inspection.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// A list of ranges as a profile, an app or a network has it, with networks written out.
struct RangeList {
    std::vector<AddressRange> ranges;
    OriginSettings origins;
};

/// The networks of a policy by name. One with a fault is there all the same, so that its users are
/// not reported as well.
using Networks = std::map<std::string, RangeList, std::less<>>;

/// Reads the member `networks`.
Networks read_networks(Inspection &inspection, const json_t *value);

/// Reads a list of addresses, blocks, spans and `network:NAME`.
RangeList read_range_list(Inspection &inspection, const json_t *value, const Networks &networks);

}  // namespace ipfence
