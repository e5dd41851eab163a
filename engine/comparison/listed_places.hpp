#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <tuple>
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

/// What a list comes to, by itself nothing. Of one KnownPlaces, all lists that come to the same
/// have one object, so that two are compared at once however many addresses there are.
class SharedPlaces {
  public:
    SharedPlaces();
    explicit SharedPlaces(ListedPlaces places);

    const ListedPlaces *operator->() const noexcept { return places_.get(); }
    const ListedPlaces &operator*() const noexcept { return *places_; }

    friend auto operator<=>(const SharedPlaces &one, const SharedPlaces &other) {
        return one.places_ == other.places_ ? std::strong_ordering::equal : *one <=> *other;
    }
    friend bool operator==(const SharedPlaces &one, const SharedPlaces &other) {
        return (one <=> other) == 0;
    }

  private:
    std::shared_ptr<const ListedPlaces> places_;
};

/// What the lists of policies come to. Of a list that many profiles and apps share it is worked out
/// once.
class KnownPlaces {
  public:
    /// `known` must outlive it, and so must the policies that it is asked about.
    explicit KnownPlaces(const KnownOrigins &known);

    /// What these ranges and origins, listed together, come to.
    SharedPlaces of(const RangeSet &ranges, const OriginSet &origins);

  private:
    using List = std::tuple<RangeSet::Identity, std::vector<CountryCode>, std::vector<AsNumber>>;

    ListedPlaces work_out(const RangeSet &ranges, const OriginSet &origins) const;

    const KnownOrigins &known_;
    std::map<List, SharedPlaces> of_lists_;
    std::set<SharedPlaces> all_{SharedPlaces{}};
};

}  // namespace ipfence
