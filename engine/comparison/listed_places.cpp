#include "engine/comparison/listed_places.hpp"

#include <algorithm>
#include <utility>

namespace ipfence {

namespace {

template <class Name>
std::map<Name, AddressCover> covers_of_runs(std::span<const OriginRun<Name>> runs) {
    std::map<Name, AddressCover> covers;
    std::optional<Name> name;
    std::optional<Address::Family> family;
    for (const OriginRun<Name> &run : runs) {
        if (run.first.family() != family) {
            name.reset();  // a cover that is open at the end of its family ends there by itself
            family = run.first.family();
        }
        if (run.name == name) {
            continue;
        }
        if (name) {
            covers[*name].push_back(run.first);
        }
        if (run.name) {
            covers[*run.name].push_back(run.first);
        }
        name = run.name;
    }
    return covers;
}

// Sorts the names by whether it is known which addresses are theirs.
template <class Name>
void add(std::span<const Name> names, const std::optional<std::map<Name, AddressCover>> &known,
         std::vector<const AddressCover *> &covers, std::vector<Name> &unknown) {
    if (!known) {
        unknown.assign(names.begin(), names.end());
        std::ranges::sort(unknown);
        unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
        return;
    }
    for (const Name &name : names) {
        if (const auto found = known->find(name); found != known->end()) {
            covers.push_back(&found->second);
        }
    }
}

}  // namespace

KnownOrigins::Countries covers_of(std::span<const OriginRun<CountryCode>> runs) {
    return covers_of_runs(runs);
}

KnownOrigins::Systems covers_of(std::span<const OriginRun<AsNumber>> runs) {
    return covers_of_runs(runs);
}

SharedPlaces::SharedPlaces() {
    static const auto kNothing = std::make_shared<const ListedPlaces>();
    places_ = kNothing;
}

SharedPlaces::SharedPlaces(ListedPlaces places)
    : places_(std::make_shared<const ListedPlaces>(std::move(places))) {}

KnownPlaces::KnownPlaces(const KnownOrigins &known) : known_(known) {}

SharedPlaces KnownPlaces::of(const RangeSet &ranges, const OriginSet &origins) {
    const auto countries = origins.countries();
    const auto systems = origins.as_numbers();
    const auto [known, is_new] = of_lists_.try_emplace({ranges.identity(),
                                                        {countries.begin(), countries.end()},
                                                        {systems.begin(), systems.end()}});
    if (is_new) {
        known->second = *all_.insert(SharedPlaces(work_out(ranges, origins))).first;
    }
    return known->second;
}

ListedPlaces KnownPlaces::work_out(const RangeSet &ranges, const OriginSet &origins) const {
    ListedPlaces places;
    places.cover = cover_of(ranges);
    std::vector<const AddressCover *> covers{&places.cover};
    add(origins.countries(), known_.countries, covers, places.countries);
    add(origins.as_numbers(), known_.systems, covers, places.systems);
    if (covers.size() > 1) {
        places.cover = united(covers);
    }
    return places;
}

}  // namespace ipfence
