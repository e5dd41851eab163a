#include "engine/comparison/origin_condition.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

namespace ipfence {

namespace {

std::string text_of(const CountryCode &country) {
    return std::string(country.text());
}

std::string text_of(AsNumber number) {
    return std::to_string(static_cast<std::uint32_t>(number));
}

// `in country DE or FR`; nothing where any will do.
template <class Name>
std::string text_of(const char *what, const NameSet<Name> &set) {
    std::string text = set.is_any() ? "" : std::string(set.all_but ? "not in " : "in ") + what;
    for (const Name &name : set.names) {
        text += (&name == &set.names.front() ? " " : " or ") + text_of(name);
    }
    return text;
}

// What is in one of these sets, which have no name in common.
template <class Name>
NameSet<Name> united(const std::vector<const NameSet<Name> *> &sets) {
    NameSet<Name> result{false, {}};
    for (const NameSet<Name> *set : sets) {
        if (set->all_but) {
            result = *set;
        }
    }
    for (const NameSet<Name> *set : sets) {
        if (set->all_but) {
            continue;
        }
        std::vector<Name> names;
        if (result.all_but) {
            std::ranges::set_difference(result.names, set->names, std::back_inserter(names));
        } else {
            std::ranges::set_union(result.names, set->names, std::back_inserter(names));
        }
        result.names = std::move(names);
    }
    return result;
}

// An origin that a set has; nothing where that is one of those which it does not name.
template <class Name>
std::optional<Name> example_of(const NameSet<Name> &set) {
    return set.all_but ? std::nullopt : std::optional(set.names.front());
}

}  // namespace

std::string text_of(const OriginConditions &conditions) {
    std::string text;
    for (const OriginCondition &condition : conditions) {
        std::string one = text_of("country", condition.countries);
        std::string other = text_of("asn", condition.systems);
        if (condition.countries.all_but) {
            std::swap(one, other);  // what is meant before what is not
        }
        text += text.empty() ? "" : "; or ";
        text += one;
        text += one.empty() || other.empty() ? "" : ", ";
        text += other;
    }
    return text;
}

template <class Name>
std::vector<OriginClasses::Class<Name>> OriginClasses::classes_of(
    const std::vector<const std::vector<Name> *> &lists) {
    std::map<Name, Membership> memberships;
    for (std::size_t number = 0; number < lists.size(); ++number) {
        for (const Name &name : *lists[number]) {
            memberships[name] |= Membership{1} << number;
        }
    }
    std::map<Membership, NameSet<Name>> sets;
    NameSet<Name> &others = sets[0];  // in none of the lists
    for (const auto &[name, membership] : memberships) {
        others.names.push_back(name);
        NameSet<Name> &set = sets[membership];
        set.all_but = false;
        set.names.push_back(name);
    }
    std::vector<Class<Name>> classes;
    classes.reserve(sets.size());
    for (auto &[membership, set] : sets) {
        classes.push_back({membership, std::move(set)});
    }
    return classes;
}

OriginClasses::OriginClasses(const std::vector<const std::vector<CountryCode> *> &countries,
                             const std::vector<const std::vector<AsNumber> *> &systems)
    : countries_(classes_of(countries)), systems_(classes_of(systems)) {}

std::vector<OriginClasses::Cell> OriginClasses::cells() const {
    std::vector<Cell> all;
    for (std::size_t country = 0; country < countries_.size(); ++country) {
        for (std::size_t system = 0; system < systems_.size(); ++system) {
            all.emplace_back(country, system);
        }
    }
    return all;
}

Membership OriginClasses::membership(Cell cell) const {
    return countries_[cell.first].membership | systems_[cell.second].membership;
}

AddressOrigin OriginClasses::example(Cell cell) const {
    return {example_of(countries_[cell.first].names), example_of(systems_[cell.second].names)};
}

OriginConditions OriginClasses::conditions(const std::set<Cell> &cells) const {
    // Rows that have the same cells are one condition; and so are columns.
    std::map<std::size_t, std::vector<std::size_t>> systems_of_country;
    std::map<std::size_t, std::vector<std::size_t>> countries_of_system;
    for (const auto &[country, system] : cells) {
        systems_of_country[country].push_back(system);
        countries_of_system[system].push_back(country);
    }
    using Numbers = std::vector<std::size_t>;
    const auto alike = [](const std::map<std::size_t, Numbers> &lines) {
        std::map<Numbers, Numbers> result;
        for (const auto &[line, across] : lines) {
            result[across].push_back(line);
        }
        return result;
    };
    const auto names_of = [](const Numbers &numbers, const auto &classes) {
        std::vector<decltype(&classes.front().names)> sets;
        for (const std::size_t number : numbers) {
            sets.push_back(&classes[number].names);
        }
        return united(sets);
    };
    const auto rows = alike(systems_of_country);
    const auto columns = alike(countries_of_system);
    OriginConditions conditions;
    for (const auto &[across, lines] : rows.size() <= columns.size() ? rows : columns) {
        const bool by_rows = rows.size() <= columns.size();
        conditions.push_back({names_of(by_rows ? lines : across, countries_),
                              names_of(by_rows ? across : lines, systems_)});
    }
    std::ranges::sort(conditions);
    const bool is_any = conditions.size() == 1 && conditions.front().countries.is_any() &&
                        conditions.front().systems.is_any();
    return is_any ? OriginConditions{} : conditions;
}

}  // namespace ipfence
