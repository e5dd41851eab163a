#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/comparison/app_classes.hpp"
#include "engine/comparison/compared_policies.hpp"
#include "engine/comparison/moment.hpp"
#include "engine/comparison/people.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence {

/// Decisions that flip alike: at each of these moments, from each of these addresses, for all of
/// these people through all of these apps.
struct Flip {
    Verdict before;
    Verdict after;
    Moments moments;
    Moments possible;                     ///< those that there are for these people
    std::vector<AddressRange> addresses;  ///< ascending, none touches the next
    OriginConditions origins;             ///< and only where one of these holds; empty: anywhere
    bool address_unknown = false;         ///< also where the client address is not known
    std::vector<std::size_t> people;      ///< in Comparison::people
    std::vector<std::size_t> apps;        ///< in Comparison::apps
};

/// Every decision of which two policies differ in the outcome. A flip of the reason alone is none.
struct Comparison {
    std::vector<People> people;
    std::vector<AppClass> apps;
    std::vector<Flip> flips;
    /// What the policies differ in that changes who a request is from, so that no decision shows
    /// it.
    std::vector<std::string> notes;
};

/// Told how many of all pairs of people and apps have been compared.
using ComparisonProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Compares exactly: addresses by the intervals that the ranges of both policies cut them into, all
/// else by trying every value. Countries and autonomous systems count as the addresses that are
/// known to be in them; of which it is not known, they are compared by name, as if any address
/// could be in any. Takes time by the number of profiles and apps that differ, of which
/// those with the same lists count once.
Comparison compare(const Policy &before, const Policy &after, const KnownOrigins &known = {},
                   const ComparisonProgress &progress = {});

}  // namespace ipfence
