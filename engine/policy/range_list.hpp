#pragma once

#include <jansson.h>

#include <cstddef>
#include <functional>
#include <optional>
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

/// The network that an entry `network:NAME` names; nothing where the entry is another.
std::optional<std::string_view> network_named(std::string_view entry);

/// What becomes of the entry `network:NAME`, the `index`-th of a list, when the walk is there.
using TakeNetwork = std::function<void(std::string_view name, std::size_t index, RangeList &list)>;

/// Reads a list of addresses, blocks, spans and `network:NAME`.
RangeList read_entries(Inspection &inspection, const json_t *value,
                       const TakeNetwork &take_network);

/// A warning of ranges that are inside others of the same list; empty where none are.
std::string warning_of_nested(std::vector<AddressRange> ranges);

/// Reports that there is no such network.
void report_unknown_network(Inspection &inspection, std::string_view name);

}  // namespace ipfence
