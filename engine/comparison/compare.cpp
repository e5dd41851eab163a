#include "engine/comparison/compare.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace ipfence {

namespace {

// Everything of a flip but whose it is.
struct Situation {
    Verdict before;
    Verdict after;
    std::string moments;  // as text: a bitset has no order
    std::vector<AddressRange> addresses;
    bool address_unknown = false;
    bool run_as = false;

    friend bool operator<(const Situation &one, const Situation &other) {
        const auto all_but_addresses = [](const Situation &situation) {
            return std::tie(situation.run_as, situation.before, situation.after, situation.moments,
                            situation.address_unknown);
        };
        const auto order = all_but_addresses(one) <=> all_but_addresses(other);
        return order == 0
                   ? std::ranges::lexicographical_compare(one.addresses, other.addresses, is_before)
                   : order < 0;
    }

  private:
    static bool is_before(const AddressRange &one, const AddressRange &other) {
        return std::pair(one.first(), one.last()) < std::pair(other.first(), other.last());
    }
};

using Verdicts = std::pair<Verdict, Verdict>;
using Places = std::pair<std::vector<AddressRange>, bool>;  // and whether an unknown address

class ComparedPolicies {
  public:
    ComparedPolicies(const Policy &before, const Policy &after)
        : before_(before),
          after_(after),
          same_organization_(before.organization().continuous_ip_enforcement ==
                                 after.organization().continuous_ip_enforcement &&
                             before.organization().sensitive_operations ==
                                 after.organization().sensitive_operations) {}

    bool may_flip(const People &people, const AppClass &apps) const {
        const bool same_profile =
            people.run_as ? apps.run_as_before == apps.run_as_after : people.before == people.after;
        return !(same_organization_ && same_profile && same_app(apps));
    }

    // The flips of these people through these apps, each with its addresses.
    std::vector<Situation> flips_of(const People &people, const AppClass &apps) const {
        const std::array covers{
            people.run_as ? &apps.run_as_before.cover : &people.before.cover,
            people.run_as ? &apps.run_as_after.cover : &people.after.cover,
            &apps.before.trusted,
            &apps.after.trusted,
        };
        std::map<std::tuple<Verdicts, std::string>, Places> places;
        const auto add = [&places](const std::map<Verdicts, Moments> &flips,
                                   std::span<const AddressRange> addresses) {
            for (const auto &[verdicts, moments] : flips) {
                Places &place = places[{verdicts, moments.to_string()}];
                place.first.insert(place.first.end(), addresses.begin(), addresses.end());
                place.second = place.second || addresses.empty();
            }
        };
        for (const auto &[membership, intervals] : intervals_of(covers)) {
            add(flips_from(intervals.front().first(), people, apps), intervals);
        }
        add(flips_from(std::nullopt, people, apps), {});
        std::vector<Situation> situations;
        for (auto &[what, place] : places) {
            const auto &[verdicts, moments] = what;
            situations.push_back({verdicts.first, verdicts.second, moments,
                                  joined(std::move(place.first)), place.second, people.run_as});
        }
        return situations;
    }

  private:
    // The user whom an app runs as is compared for itself.
    static bool same_app(const AppClass &apps) {
        const auto all_but_run_as = [](const AppFacts &app) {
            return std::tie(app.oauth, app.ip_relaxation, app.has_trusted_ip_ranges,
                            app.trusted_ip_ranges_effect, app.trusted);
        };
        return all_but_run_as(apps.before) == all_but_run_as(apps.after);
    }

    static DecisionRequest request_of(const Moment &moment, std::optional<Address> address,
                                      const People &people, const AppClass &apps,
                                      const std::optional<std::string> &claim) {
        DecisionRequest request;
        request.client_address = address;
        request.user = people.user;
        request.app = apps.client_id;
        request.operation = moment.operation;
        request.flow = moment.flow;
        request.refreshed = moment.refreshed;
        request.device_activated = moment.device_activated;
        request.claimed_profile = claim;
        return request;
    }

    static Verdict verdict(const Policy &policy, const DecisionRequest &request) {
        const Decision decision = decide(policy, request);
        return {decision.outcome, decision.reason};
    }

    std::map<Verdicts, Moments> flips_from(std::optional<Address> address, const People &people,
                                           const AppClass &apps) const {
        std::map<Verdicts, Moments> flips;
        for (std::size_t number = 0; number < kMoments; ++number) {
            const Moment moment = moment_of(number);
            if ((moment.flow == Flow::client_credentials) != people.run_as) {
                continue;
            }
            const Verdict before =
                verdict(before_, request_of(moment, address, people, apps, people.claim_before));
            const Verdict after =
                verdict(after_, request_of(moment, address, people, apps, people.claim_after));
            if (before.outcome != after.outcome) {
                flips[{before, after}].set(number);
            }
        }
        return flips;
    }

    const Policy &before_;
    const Policy &after_;
    bool same_organization_;
};

Moments possible_moments(bool run_as) {
    Moments moments;
    for (std::size_t number = 0; number < kMoments; ++number) {
        moments[number] = (moment_of(number).flow == Flow::client_credentials) == run_as;
    }
    return moments;
}

// The same flips for the same people through several apps are one flip, and so for several people.
std::vector<Flip> grouped(
    const std::map<Situation, std::map<std::size_t, std::vector<std::size_t>>> &found) {
    std::vector<Flip> flips;
    for (const auto &[situation, people_of_app] : found) {
        std::map<std::vector<std::size_t>, std::vector<std::size_t>> apps_of_people;
        for (const auto &[app, people] : people_of_app) {
            apps_of_people[people].push_back(app);
        }
        for (const auto &[people, apps] : apps_of_people) {
            flips.push_back({situation.before, situation.after, Moments(situation.moments),
                             possible_moments(situation.run_as), situation.addresses,
                             situation.address_unknown, people, apps});
        }
    }
    return flips;
}

std::vector<std::string> notes_on(const Policy &policy_before, const Policy &policy_after) {
    const Organization &before = policy_before.organization();
    const Organization &after = policy_after.organization();
    std::vector<std::string> notes;
    const auto note = [&notes](bool differs, const char *text) {
        if (differs) {
            notes.emplace_back(text);
        }
    };
    note(policy_before.names_origins() || policy_after.names_origins(),
         "countries and asns are not compared: every address counts as in none of them");
    note(before.user_claims != after.user_claims,
         "user_claims differ: the same token may name another user");
    note(before.profile_claim != after.profile_claim,
         "profile_claim differs: a token may name another profile, or name one at all; compared "
         "as if both claims said the same");
    note(before.verification_claims.amr != after.verification_claims.amr ||
             before.verification_claims.acr != after.verification_claims.acr,
         "verification_claims differ: other logins activate a device");
    return notes;
}

}  // namespace

Comparison compare(const Policy &before, const Policy &after, const ComparisonProgress &progress) {
    Comparison comparison;
    comparison.people = people_of(before, after);
    comparison.apps = app_classes_of(before, after);
    comparison.notes = notes_on(before, after);
    const ComparedPolicies compared(before, after);
    std::map<Situation, std::map<std::size_t, std::vector<std::size_t>>> found;
    const std::uint64_t total = comparison.people.size() * comparison.apps.size();
    std::uint64_t done = 0;
    for (std::size_t people = 0; people < comparison.people.size(); ++people) {
        for (std::size_t app = 0; app < comparison.apps.size(); ++app) {
            if (progress) {
                progress(done++, total);
            }
            if (!compared.may_flip(comparison.people[people], comparison.apps[app])) {
                continue;
            }
            for (Situation &situation :
                 compared.flips_of(comparison.people[people], comparison.apps[app])) {
                found[std::move(situation)][app].push_back(people);
            }
        }
    }
    comparison.flips = grouped(found);
    return comparison;
}

}  // namespace ipfence
