#pragma once

#include <jansson.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/policy/inspection.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// A list of ranges as a profile, an app or a network has it, with networks written out.
struct RangeList {
    std::vector<AddressRange> ranges;
    OriginSettings origins;

    /// Appends what is in another list.
    void add(const RangeList &other);
};

/// The networks of a policy by name. One with a fault is there all the same, so that its users are
/// not reported as well.
using Networks = std::map<std::string, RangeList, std::less<>>;

/// What becomes of the entry `network:NAME`, the `index`-th of a list, when the walk is there.
using TakeNetwork = std::function<void(std::string_view name, std::size_t index, RangeList &list)>;

/// Reads a list of addresses, blocks, spans and `network:NAME`.
RangeList read_entries(Inspection &inspection, const json_t *value,
                       const TakeNetwork &take_network);

/// The same, with networks written out.
RangeList read_range_list(Inspection &inspection, const json_t *value, const Networks &networks);

/// Warns of ranges that are inside others of the same list.
void warn_of_nested(Inspection &inspection, std::vector<AddressRange> ranges);

/// Reports that there is no such network.
void report_unknown_network(Inspection &inspection, std::string_view name);

}  // namespace ipfence
