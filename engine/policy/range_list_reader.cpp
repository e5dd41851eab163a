#include "engine/policy/range_list_reader.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/policy/json_value.hpp"
#include "engine/policy/range_list.hpp"

namespace ipfence {

RangeListReader::RangeListReader(Networks networks, PolicyBuilder &builder)
    : networks_(std::move(networks)), builder_(builder) {}

ListedRanges RangeListReader::read(Inspection &inspection, const json_t *value) {
    Read read;
    if (const auto names = networks_alone(value)) {
        const auto [known, is_new] = lists_of_networks_.try_emplace(*names);
        if (is_new) {
            known->second = write_out(inspection, value);
        }
        read = known->second;
    } else {
        read = write_out(inspection, value);
    }
    if (!read.warning.empty()) {
        inspection.warning(std::move(read.warning));
    }
    return std::move(read.list);
}

// The networks that a list consists of; nothing where it has anything else, or a fault.
std::optional<RangeListReader::NetworkNames> RangeListReader::networks_alone(
    const json_t *value) const {
    NetworkNames names;
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const json_t *entry = json_array_get(value, i);
        const auto name = json_is_string(entry) ? network_named(view_of(entry)) : std::nullopt;
        if (!name || !networks_.contains(*name)) {
            return std::nullopt;
        }
        names.emplace_back(*name);
    }
    return names.empty() ? std::nullopt : std::optional(std::move(names));
}

RangeListReader::Read RangeListReader::write_out(Inspection &inspection, const json_t *value) {
    const auto add_network = [&](std::string_view name, std::size_t, RangeList &list) {
        const auto network = networks_.find(name);
        if (network == networks_.end()) {
            report_unknown_network(inspection, name);
        } else {
            list.add(network->second);
        }
    };
    RangeList list = read_entries(inspection, value, add_network);
    const RangesNumber ranges = builder_.add_ranges(list.ranges);
    return {{ranges, std::move(list.origins)}, warning_of_nested(std::move(list.ranges))};
}

}  // namespace ipfence
