#include "engine/policy/range_list.hpp"

#include <algorithm>

#include "engine/policy/json_value.hpp"

namespace ipfence {

namespace {

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
        const bool may_be_a_name = text.find_first_of(".:/") == std::string::npos;
        inspection.error(range.error().message +
                         (may_be_a_name ? "; a network is written network:NAME" : ""));
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
void merge(const std::vector<T> &values, std::vector<T> &to) {
    to.insert(to.end(), values.begin(), values.end());
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
}

}  // namespace

void RangeList::add(const RangeList &other) {
    ranges.insert(ranges.end(), other.ranges.begin(), other.ranges.end());
    merge(other.origins.countries, origins.countries);
    merge(other.origins.as_numbers, origins.as_numbers);
}

// Of many such ranges one is enough to find what made them.
std::string warning_of_nested(std::vector<AddressRange> ranges) {
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
    if (count == 0) {
        return {};
    }
    return nested->text() + " is inside " + around->text() + " of the same list" +
           (count == 1
                ? ""
                : ", and so are " + std::to_string(count - 1) + " more ranges of it in others");
}

std::optional<std::string_view> network_named(std::string_view entry) {
    constexpr std::string_view kPrefix = "network:";
    return entry.starts_with(kPrefix) ? std::optional(entry.substr(kPrefix.size())) : std::nullopt;
}

RangeList read_entries(Inspection &inspection, const json_t *value,
                       const TakeNetwork &take_network) {
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
        if (const auto name = network_named(*text)) {
            take_network(*name, i, list);
        } else {
            read_range(inspection, *text, list);
        }
    }
    return list;
}

void report_unknown_network(Inspection &inspection, std::string_view name) {
    inspection.error("there is no network \"" + std::string(name) + "\" in networks");
}

}  // namespace ipfence
