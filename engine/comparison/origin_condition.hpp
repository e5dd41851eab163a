#pragma once

#include <compare>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/address/address_origin.hpp"
#include "engine/comparison/address_cover.hpp"

namespace ipfence {

/// Some names, or all but some, and then also what has none.
template <class Name>
struct NameSet {
    bool all_but = true;
    std::vector<Name> names;  ///< ascending

    bool is_any() const noexcept { return all_but && names.empty(); }
    friend auto operator<=>(const NameSet &, const NameSet &) = default;
};

/// Addresses of which both hold.
struct OriginCondition {
    NameSet<CountryCode> countries;
    NameSet<AsNumber> systems;

    friend auto operator<=>(const OriginCondition &, const OriginCondition &) = default;
};

/// Addresses of which one holds; none twice. Empty: wherever they are.
using OriginConditions = std::vector<OriginCondition>;

/// As a person reads it: `in country DE; or in asn 64496, not in country DE or FR`.
std::string text_of(const OriginConditions &conditions);

/// The origins that four lists tell apart: what is in the same of them is one class.
class OriginClasses {
  public:
    /// A class of countries with one of systems, by their numbers.
    using Cell = std::pair<std::size_t, std::size_t>;

    /// Lists as countries and systems, of at most as many as a Membership has bits.
    OriginClasses(const std::vector<const std::vector<CountryCode> *> &countries,
                  const std::vector<const std::vector<AsNumber> *> &systems);

    std::vector<Cell> cells() const;
    /// In which lists an origin of this cell is.
    Membership membership(Cell cell) const;
    /// One such origin.
    AddressOrigin example(Cell cell) const;
    /// The origins of these cells and no others, in as few words as by rows or columns.
    OriginConditions conditions(const std::set<Cell> &cells) const;

  private:
    template <class Name>
    struct Class {
        Membership membership = 0;
        NameSet<Name> names;
    };

    template <class Name>
    static std::vector<Class<Name>> classes_of(const std::vector<const std::vector<Name> *> &lists);

    std::vector<Class<CountryCode>> countries_;
    std::vector<Class<AsNumber>> systems_;
};

}  // namespace ipfence
