#include "engine/policy/range_list.hpp"

#include <algorithm>
#include <array>

#include "engine/policy/json_value.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kNetworkPrefix = "network:";

// Wider blocks than any organization's are more often a typing error than a policy.

bool is_suspiciously_wide(const AddressRange &range) noexcept {
    constexpr std::uint32_t kIpv4Slash8 = 0x00ffffff;
    constexpr std::uint64_t kIpv6Slash29 = ~std::uint64_t{0} >> 29;
    if (range.first().family() == Address::Family::ipv4) {
        return range.last().ipv4() - range.first().ipv4() > kIpv4Slash8;
    }
    return range.last().high() - range.first().high() > kIpv6Slash29;
}

void read_range(Inspection &inspection, const std::string &text, RangeList &list) {
    const auto range = AddressRange::parse(text);
    if (!range) {
        inspection.error(range.error().message);
        return;
    }
    if (is_suspiciously_wide(*range)) {
        inspection.warning("\"" + text +
                           "\" is wider than a /8 (IPv4) or /29 (IPv6); is that what is meant?");
    }
    list.ranges.push_back(*range);
}

// Ascending, and each once.
template <class T>
void add(const std::vector<T> &values, std::vector<T> &to) {
    to.insert(to.end(), values.begin(), values.end());
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
}

void read_network_name(Inspection &inspection, std::string_view name, const Networks *networks,
                       RangeList &list) {
    if (networks == nullptr) {
        inspection.error("a network cannot be made of another network; write its ranges");
        return;
    }
    const auto network = networks->find(name);
    if (network == networks->end()) {
        inspection.error("there is no network \"" + std::string(name) + "\" in networks");
        return;
    }
    list.ranges.insert(list.ranges.end(), network->second.ranges.begin(),
                       network->second.ranges.end());
    add(network->second.origins.countries, list.origins.countries);
    add(network->second.origins.as_numbers, list.origins.as_numbers);
}

// Of many such ranges one is enough to find what made them.
void warn_of_nested(Inspection &inspection, std::vector<AddressRange> ranges) {
    std::ranges::stable_sort(ranges, [](const AddressRange &one, const AddressRange &other) {
        return one.first() != other.first() ? one.first() < other.first()
                                            : one.last() > other.last();
    });
    const AddressRange *around = nullptr;
    const AddressRange *nested = nullptr;
    const AddressRange *widest = nullptr;
    std::size_t count = 0;
    for (const AddressRange &range : ranges) {
        const bool inside = widest != nullptr && widest->contains(range.last()) &&
                            widest->first().family() == range.first().family();
        if (inside && ++count == 1) {
            around = widest;
            nested = &range;
        }
        if (!inside) {
            widest = &range;
        }
    }
    if (count > 0) {
        inspection.warning(nested->text() + " is inside " + around->text() + " of the same list" +
                           (count == 1 ? ""
                                       : ", and so are " + std::to_string(count - 1) +
                                             " more ranges of it in others"));
    }
}

// `networks` is null inside the networks themselves.
RangeList read_entries(Inspection &inspection, const json_t *value, const Networks *networks) {
    RangeList list;
    if (!is_list(inspection, value)) {
        return list;
    }
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto place = inspection.enter(i);
        const auto text = text_of(inspection, json_array_get(value, i));
        if (!text) {
            continue;
        }
        if (text->starts_with(kNetworkPrefix)) {
            read_network_name(inspection, std::string_view(*text).substr(kNetworkPrefix.size()),
                              networks, list);
        } else {
            read_range(inspection, *text, list);
        }
    }
    warn_of_nested(inspection, list.ranges);
    return list;
}

void read_countries(Inspection &inspection, const json_t *value, OriginSettings &origins) {
    if (!is_list(inspection, value)) {
        return;
    }
    std::vector<CountryCode> countries;
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto place = inspection.enter(i);
        const auto text = text_of(inspection, json_array_get(value, i));
        const auto country = text ? CountryCode::parse(*text) : std::nullopt;
        if (country) {
            countries.push_back(*country);
        } else if (text) {
            inspection.error("\"" + *text +
                             "\" is not a country code (two capital letters, ISO 3166-1)");
        }
    }
    add(countries, origins.countries);
}

void read_as_numbers(Inspection &inspection, const json_t *value, OriginSettings &origins) {
    constexpr json_int_t kLargest = 4294967295;
    if (!is_list(inspection, value)) {
        return;
    }
    std::vector<AsNumber> numbers;
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto place = inspection.enter(i);
        const json_t *number = json_array_get(value, i);
        if (!json_is_integer(number) || json_integer_value(number) < 1 ||
            json_integer_value(number) > kLargest) {
            inspection.error("must be an AS number, from 1 to 4294967295");
        } else {
            numbers.push_back(AsNumber{static_cast<std::uint32_t>(json_integer_value(number))});
        }
    }
    add(numbers, origins.as_numbers);
}

RangeList read_network_object(Inspection &inspection, const json_t *value) {
    constexpr std::array<std::string_view, 3> kKeys{"ranges", "countries", "asns"};
    RangeList network;
    if (!is_object(inspection, value, kKeys)) {
        return network;
    }
    if (const json_t *ranges = json_object_get(value, "ranges")) {
        const auto place = inspection.enter("ranges");
        network = read_entries(inspection, ranges, nullptr);
    }
    if (const json_t *countries = json_object_get(value, "countries")) {
        const auto place = inspection.enter("countries");
        read_countries(inspection, countries, network.origins);
    }
    if (const json_t *numbers = json_object_get(value, "asns")) {
        const auto place = inspection.enter("asns");
        read_as_numbers(inspection, numbers, network.origins);
    }
    if (json_object_size(value) == 0) {
        inspection.error("must have ranges, countries or asns");
    }
    return network;
}

}  // namespace

Networks read_networks(Inspection &inspection, const json_t *value) {
    Networks networks;
    if (!is_map(inspection, value)) {
        return networks;
    }
    const char *name;
    json_t *network;
    json_object_foreach(const_cast<json_t *>(value), name, network) {
        const auto place = inspection.enter(name);
        networks.emplace(name, json_is_object(network)
                                   ? read_network_object(inspection, network)
                                   : read_entries(inspection, network, nullptr));
    }
    return networks;
}

RangeList read_range_list(Inspection &inspection, const json_t *value, const Networks &networks) {
    return read_entries(inspection, value, &networks);
}

}  // namespace ipfence
