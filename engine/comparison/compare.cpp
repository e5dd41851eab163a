#include "engine/comparison/compare.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace ipfence {

namespace {

Moments possible_moments(bool run_as) {
    Moments moments;
    for (std::size_t number = 0; number < kMoments; ++number) {
        moments[number] = (moment_of(number).flow == Flow::client_credentials) == run_as;
    }
    return moments;
}

// All of people that decisions about them depend on.
using DecidingFacts = std::tuple<bool, bool, ProfileFacts, ProfileFacts>;

DecidingFacts deciding_facts_of(const People &people) {
    return {people.user.has_value(), people.run_as, people.before, people.after};
}

// For whom something flips, by the app, both as numbers in the Comparison.
using PeopleOfApps = std::map<std::size_t, std::vector<std::size_t>>;

// Every pair of people and apps; people with the same facts are asked about once.
std::map<Situation, PeopleOfApps> flips_of_all(const ComparedPolicies &compared,
                                               const Comparison &comparison,
                                               const ComparisonProgress &progress) {
    std::map<Situation, PeopleOfApps> found;
    const std::uint64_t total = comparison.people.size() * comparison.apps.size();
    std::uint64_t done = 0;
    for (std::size_t app = 0; app < comparison.apps.size(); ++app) {
        std::map<DecidingFacts, std::vector<PeopleOfApps *>> flips_of;
        for (std::size_t people = 0; people < comparison.people.size(); ++people) {
            if (progress) {
                progress(done++, total);
            }
            const auto [flips, is_new] =
                flips_of.try_emplace(deciding_facts_of(comparison.people[people]));
            if (is_new) {
                for (Situation &situation :
                     compared.flips_of(comparison.people[people], comparison.apps[app])) {
                    flips->second.push_back(&found[std::move(situation)]);
                }
            }
            for (PeopleOfApps *of_apps : flips->second) {
                (*of_apps)[app].push_back(people);
            }
        }
    }
    return found;
}

// The same flips for the same people through several apps are one flip, and so for several people.
std::vector<Flip> grouped(const std::map<Situation, PeopleOfApps> &found) {
    std::vector<Flip> flips;
    for (const auto &[situation, people_of_app] : found) {
        std::map<std::vector<std::size_t>, std::vector<std::size_t>> apps_of_people;
        for (const auto &[app, people] : people_of_app) {
            apps_of_people[people].push_back(app);
        }
        for (const auto &[people, apps] : apps_of_people) {
            flips.push_back({situation.before, situation.after, Moments(situation.moments),
                             possible_moments(situation.run_as), situation.addresses,
                             situation.origins, situation.address_unknown, people, apps});
        }
    }
    return flips;
}

// Whether a policy names what no database knows.
bool names_unknown_origins(const Policy &policy, const KnownOrigins &known) {
    return policy.names_more_than(known.countries.has_value(), known.systems.has_value());
}

std::vector<std::string> notes_on(const Policy &policy_before, const Policy &policy_after,
                                  const KnownOrigins &known) {
    const Organization &before = policy_before.organization();
    const Organization &after = policy_after.organization();
    std::vector<std::string> notes;
    const auto note = [&notes](bool differs, const char *text) {
        if (differs) {
            notes.emplace_back(text);
        }
    };
    note(names_unknown_origins(policy_before, known) || names_unknown_origins(policy_after, known),
         "countries and asns of which no database says where they are, are compared by name, as if "
         "any address could be in any of them");
    note(before.user_claims != after.user_claims,
         "user_claims differ: the same token may name another user");
    note(!before.profile_claim.empty() && !after.profile_claim.empty() &&
             before.profile_claim != after.profile_claim,
         "profile_claim differs: compared as if a token could name any profile in one claim and "
         "any other in the other");
    note(before.verification_claims.amr != after.verification_claims.amr ||
             before.verification_claims.acr != after.verification_claims.acr,
         "verification_claims differ: other logins activate a device");
    return notes;
}

}  // namespace

Comparison compare(const Policy &before, const Policy &after, const KnownOrigins &known,
                   const ComparisonProgress &progress) {
    Comparison comparison;
    KnownPlaces places(known);
    comparison.people = people_of(before, after, places);
    comparison.apps = app_classes_of(before, after, places);
    comparison.notes = notes_on(before, after, known);
    const ComparedPolicies compared(before, after, known);
    comparison.flips = grouped(flips_of_all(compared, comparison, progress));
    return comparison;
}

}  // namespace ipfence
