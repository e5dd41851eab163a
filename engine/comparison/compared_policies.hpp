#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/comparison/app_classes.hpp"
#include "engine/comparison/moment.hpp"
#include "engine/comparison/origin_condition.hpp"
#include "engine/comparison/people.hpp"

namespace ipfence {

/// What one policy answers.
struct Verdict {
    Outcome outcome = Outcome::deny;
    Reason reason = Reason::user_unidentified;

    friend auto operator<=>(const Verdict &, const Verdict &) = default;
};

/// Everything of a flip but whose it is.
struct Situation {
    Verdict before;
    Verdict after;
    std::string moments;  ///< as text: a bitset has no order
    std::vector<AddressRange> addresses;
    OriginConditions origins;
    bool address_unknown = false;
    bool run_as = false;

    friend bool operator<(const Situation &one, const Situation &other);
};

/// Two policies, asked the same of people and apps that are each alike.
class ComparedPolicies {
  public:
    /// All of them must outlive it.
    ComparedPolicies(const Policy &before, const Policy &after, const KnownOrigins &known);

    /// The flips of these people through these apps, each with its addresses.
    std::vector<Situation> flips_of(const People &people, const AppClass &apps) const;

  private:
    bool may_flip(const People &people, const AppClass &apps) const;

    using Verdicts = std::pair<Verdict, Verdict>;
    using Flips = std::map<Verdicts, Moments>;

    Flips flips_from(std::optional<Address> address, const People &people, const AppClass &apps,
                     const OriginSource &origins) const;

    const Policy &before_;
    const Policy &after_;
    const KnownOrigins &known_;
    bool same_organization_;
};

}  // namespace ipfence
