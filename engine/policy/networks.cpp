#include "engine/policy/networks.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy/json_value.hpp"

namespace ipfence {

namespace {

void read_countries(Inspection &inspection, const json_t *value, RangeList &network) {
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
    network.add({{}, {std::move(countries), {}}});
}

void read_as_numbers(Inspection &inspection, const json_t *value, RangeList &network) {
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
    network.add({{}, {{}, std::move(numbers)}});
}

// A network as it is written.
struct Network {
    // Its entry `network:NAME`.
    struct Part {
        std::string name;
        std::size_t index;
    };

    RangeList own;
    std::vector<Part> parts;
    bool is_object = false;
};

// Reads all networks as they are written, and then writes out those that are made of others.
class NetworksReader {
  public:
    explicit NetworksReader(Inspection &inspection) : inspection_(inspection) {}

    void read(const char *name, const json_t *value) {
        const auto place = inspection_.enter(name);
        Network &network = networks_[name];
        network.is_object = json_is_object(value);
        if (network.is_object) {
            read_object(value, network);
        } else if (json_is_array(value)) {
            read_list(value, network);
        } else {
            report_type(inspection_, "an array or an object", value);
        }
    }

    Networks written_out() {
        Networks networks;
        for (const auto &[name, network] : networks_) {
            if (!network.parts.empty()) {
                networks.emplace(name, written_out(name));
            }
        }
        for (auto &[name, network] : networks_) {
            if (network.parts.empty()) {
                networks.emplace(name, std::move(network.own));
            }
        }
        return networks;
    }

  private:
    using Named = std::map<std::string, Network, std::less<>>::value_type;

    // One of those that a network is made of, and the way there.
    struct Step {
        const Named *network;
        std::size_t before;  // the step that names it; of the first step, itself
        std::size_t index;   // where in the list of the network at the beginning the way begins
    };

    void read_list(const json_t *value, Network &network) {
        const auto note = [&](std::string_view name, std::size_t index, RangeList &) {
            network.parts.push_back({std::string(name), index});
        };
        network.own = read_entries(inspection_, value, note);
        if (network.parts.empty()) {
            warn_of_nested(network.own);
        }
    }

    void read_object(const json_t *value, Network &network) {
        constexpr std::array<std::string_view, 3> kKeys{"ranges", "countries", "asns"};
        is_object(inspection_, value, kKeys);
        if (const json_t *ranges = json_object_get(value, "ranges")) {
            const auto place = inspection_.enter("ranges");
            read_list(ranges, network);
        }
        if (const json_t *countries = json_object_get(value, "countries")) {
            const auto place = inspection_.enter("countries");
            read_countries(inspection_, countries, network.own);
        }
        if (const json_t *numbers = json_object_get(value, "asns")) {
            const auto place = inspection_.enter("asns");
            read_as_numbers(inspection_, numbers, network.own);
        }
        if (json_object_size(value) == 0) {
            inspection_.error("must have ranges, countries or asns");
        }
    }

    // What is in a network and all that it is made of, each once: in a document of a few lines
    // that double each other, there would be no end of it.
    RangeList written_out(const std::string &name) {
        const Named &network = *networks_.find(name);
        const auto place = inspection_.enter(name);
        return network.second.is_object ? written_out_at("ranges", network) : written_out(network);
    }

    RangeList written_out_at(const char *member, const Named &network) {
        const auto place = inspection_.enter(member);
        return written_out(network);
    }

    RangeList written_out(const Named &network) {
        RangeList list;
        std::vector<Step> steps{{&network, 0, 0}};
        std::set<const Named *> seen{&network};
        for (std::size_t at = 0; at < steps.size(); ++at) {
            list.add(steps[at].network->second.own);
            follow(steps, at, seen);
        }
        warn_of_nested(list);
        return list;
    }

    void warn_of_nested(const RangeList &list) {
        if (std::string warning = warning_of_nested(list.ranges); !warning.empty()) {
            inspection_.warning(std::move(warning));
        }
    }

    // Adds the parts of the network at this step; the shortest way to each comes first.
    void follow(std::vector<Step> &steps, std::size_t at, std::set<const Named *> &seen) {
        for (const Network::Part &part : steps[at].network->second.parts) {
            const std::size_t index = at == 0 ? part.index : steps[at].index;
            const auto found = networks_.find(part.name);
            if (found == networks_.end()) {
                if (at == 0) {
                    const auto place = inspection_.enter(index);
                    report_unknown_network(inspection_, part.name);
                }
            } else if (&*found == steps[0].network) {
                const auto place = inspection_.enter(index);
                report_circle(steps, at);
            } else if (seen.insert(&*found).second) {
                steps.push_back({&*found, at, index});
            }
        }
    }

    // One report of a circle is enough; each network in it would make one.
    void report_circle(const std::vector<Step> &steps, std::size_t at) {
        const std::string &name = steps[0].network->first;
        if (in_circle_.contains(name)) {
            return;
        }
        std::string way = " -> " + name;
        for (;; at = steps[at].before) {
            const std::string &through = steps[at].network->first;
            in_circle_.insert(through);
            way.insert(0, through);
            if (at == 0) {
                break;
            }
            way.insert(0, " -> ");
        }
        inspection_.error("the network is made of itself: " + way);
    }

    Inspection &inspection_;
    std::map<std::string, Network, std::less<>> networks_;
    std::set<std::string, std::less<>> in_circle_;
};

}  // namespace

Networks read_networks(Inspection &inspection, const json_t *value) {
    if (!is_map(inspection, value)) {
        return {};
    }
    NetworksReader reader(inspection);
    const char *name;
    json_t *network;
    json_object_foreach(const_cast<json_t *>(value), name, network) {
        reader.read(name, network);
    }
    return reader.written_out();
}

}  // namespace ipfence
