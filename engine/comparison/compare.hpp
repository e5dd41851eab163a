#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/address/address_range.hpp"
#include "engine/comparison/app_classes.hpp"
#include "engine/comparison/moment.hpp"
#include "engine/comparison/people.hpp"
#include "engine/policy/policy.hpp"

namespace ipfence {

/// What one policy answers.
struct Verdict {
    Outcome outcome = Outcome::deny;
    Reason reason = Reason::user_unidentified;

    friend auto operator<=>(const Verdict &, const Verdict &) = default;
};

/// Decisions that flip alike: at each of these moments, from each of these addresses, for all of
/// these people through all of these apps.
struct Flip {
    Verdict before;
    Verdict after;
    Moments moments;
    Moments possible;                     ///< those that there are for these people
    std::vector<AddressRange> addresses;  ///< ascending, none touches the next
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
/// else by trying every value. Takes time by the number of profiles and apps that differ.
Comparison compare(const Policy &before, const Policy &after,
                   const ComparisonProgress &progress = {});

}  // namespace ipfence
