#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/address/address_origin.hpp"
#include "engine/comparison/address_cover.hpp"
#include "engine/policy/origin_set.hpp"

namespace ipfence {

/// What databases say of where addresses are.
struct KnownOrigins {
    using Countries = std::map<CountryCode, AddressCover>;
    using Systems = std::map<AsNumber, AddressCover>;

    std::optional<Countries> countries{};  ///< empty: no database knows countries
    std::optional<Systems> systems{};
    /// What decisions ask; must say the same. Null: nobody knows anything.
    const OriginSource *source = nullptr;
};

/// The addresses of each origin that the runs, ascending and of all addresses, name.
KnownOrigins::Countries covers_of(std::span<const OriginRun<CountryCode>> runs);
KnownOrigins::Systems covers_of(std::span<const OriginRun<AsNumber>> runs);

/// What a list of ranges comes to.
struct ListedPlaces {
    AddressCover cover;  ///< the addresses that are known to be in it
    /// Ascending: those of which it is not known which addresses are in them, and so are in it.
    std::vector<CountryCode> countries;
    std::vector<AsNumber> systems;

    friend auto operator<=>(const ListedPlaces &, const ListedPlaces &) = default;
};

/// What these ranges and origins, listed together, come to.
ListedPlaces places_of(const RangeSet &ranges, const OriginSet &origins, const KnownOrigins &known);

}  // namespace ipfence
