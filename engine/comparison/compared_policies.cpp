#include "engine/comparison/compared_policies.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace ipfence {

namespace {

// The user whom an app runs as is compared for itself.
bool is_same_app(const AppClass &apps) {
    const auto all_but_run_as = [](const AppFacts &app) {
        return std::tie(app.oauth, app.ip_relaxation, app.has_trusted_ip_ranges,
                        app.trusted_ip_ranges_effect, app.trusted);
    };
    return all_but_run_as(apps.before) == all_but_run_as(apps.after);
}

// The lists that a decision may look an address up in, before and after.
std::array<const ListedPlaces *, 4> lists_of(const People &people, const AppClass &apps) {
    return {
        &*(people.run_as ? apps.run_as_before : people.before).places,
        &*(people.run_as ? apps.run_as_after : people.after).places,
        &*apps.before.trusted,
        &*apps.after.trusted,
    };
}

std::vector<const AddressCover *> address_covers_of(std::span<const ListedPlaces *const> lists) {
    std::vector<const AddressCover *> covers;
    for (const ListedPlaces *list : lists) {
        covers.push_back(&list->cover);
    }
    return covers;
}

OriginClasses classes_of(std::span<const ListedPlaces *const> lists) {
    std::vector<const std::vector<CountryCode> *> countries;
    std::vector<const std::vector<AsNumber> *> systems;
    for (const ListedPlaces *list : lists) {
        countries.push_back(&list->countries);
        systems.push_back(&list->systems);
    }
    return OriginClasses(countries, systems);
}

// Origins as databases say, and the rest as it is assumed.
class AssumedOrigin final : public OriginSource {
  public:
    AssumedOrigin(const KnownOrigins &known, AddressOrigin assumed)
        : known_(known), assumed_(assumed) {}

    AddressOrigin origin_of(Address address) const noexcept override {
        AddressOrigin origin = assumed_;
        if (known_.source == nullptr) {
            return origin;
        }
        const AddressOrigin found = known_.source->origin_of(address);
        origin.country = known_.countries ? found.country : assumed_.country;
        origin.as_number = known_.systems ? found.as_number : assumed_.as_number;
        return origin;
    }

  private:
    const KnownOrigins &known_;
    AddressOrigin assumed_;
};

// From where decisions flip alike: the addresses, by the origins for which it is from those.
class FlipPlaces {
  public:
    void add(OriginClasses::Cell cell, std::span<const AddressRange> addresses) {
        std::vector<AddressRange> &all = addresses_of_[cell];
        all.insert(all.end(), addresses.begin(), addresses.end());
    }
    void add_unknown() { unknown_ = true; }

    // Adds a situation, of which `like` is the rest, for each set of addresses.
    void take(const OriginClasses &classes, const Situation &like,
              std::vector<Situation> &situations) {
        std::map<std::vector<AddressRange>, std::set<OriginClasses::Cell>, Ascending> cells_of;
        for (auto &[cell, addresses] : addresses_of_) {
            cells_of[joined(std::move(addresses))].insert(cell);
        }
        for (const auto &[addresses, cells] : cells_of) {
            Situation &situation = situations.emplace_back(like);
            situation.addresses = addresses;
            situation.origins = classes.conditions(cells);
            // Where an unknown address is does not matter.
            situation.address_unknown = unknown_ && situation.origins.empty();
            unknown_ = unknown_ && !situation.address_unknown;
        }
        if (unknown_) {
            situations.emplace_back(like).address_unknown = true;
        }
    }

    struct Ascending {
        bool operator()(const std::vector<AddressRange> &one,
                        const std::vector<AddressRange> &other) const {
            return std::ranges::lexicographical_compare(
                one, other, [](const AddressRange &range, const AddressRange &next) {
                    return std::pair(range.first(), range.last()) <
                           std::pair(next.first(), next.last());
                });
        }
    };

  private:
    std::map<OriginClasses::Cell, std::vector<AddressRange>> addresses_of_;
    bool unknown_ = false;
};

DecisionRequest request_of(const Moment &moment, std::optional<Address> address,
                           const People &people, const AppClass &apps,
                           const std::optional<std::string> &claim, const OriginSource &origins) {
    DecisionRequest request;
    request.client_address = address;
    request.user = people.user;
    request.app = apps.client_id;
    request.operation = moment.operation;
    request.flow = moment.flow;
    request.refreshed = moment.refreshed;
    request.device_activated = moment.device_activated;
    request.claimed_profile = claim;
    request.origins = &origins;
    return request;
}

Verdict verdict(const Policy &policy, const DecisionRequest &request) {
    const Decision decision = decide(policy, request);
    return {decision.outcome, decision.reason};
}

}  // namespace

bool operator<(const Situation &one, const Situation &other) {
    const auto all_but_addresses = [](const Situation &situation) {
        return std::tie(situation.run_as, situation.before, situation.after, situation.moments,
                        situation.address_unknown, situation.origins);
    };
    const auto order = all_but_addresses(one) <=> all_but_addresses(other);
    return order == 0 ? FlipPlaces::Ascending{}(one.addresses, other.addresses) : order < 0;
}

ComparedPolicies::ComparedPolicies(const Policy &before, const Policy &after,
                                   const KnownOrigins &known)
    : before_(before),
      after_(after),
      known_(known),
      same_organization_(before.organization().continuous_ip_enforcement ==
                             after.organization().continuous_ip_enforcement &&
                         before.organization().sensitive_operations ==
                             after.organization().sensitive_operations) {}

// Whether anything that a decision depends on differs.
bool ComparedPolicies::may_flip(const People &people, const AppClass &apps) const {
    const bool same_profile =
        people.run_as ? apps.run_as_before == apps.run_as_after : people.before == people.after;
    return !(same_organization_ && same_profile && is_same_app(apps));
}

std::vector<Situation> ComparedPolicies::flips_of(const People &people,
                                                  const AppClass &apps) const {
    if (!may_flip(people, apps)) {
        return {};
    }
    const auto lists = lists_of(people, apps);
    const OriginClasses classes = classes_of(lists);
    // In which lists an address is, by itself or by its origin, is all that matters of it.
    std::map<Membership, Flips> flips_of_membership;
    std::map<std::pair<Verdicts, std::string>, FlipPlaces> places;
    for (const auto &[membership, intervals] : intervals_of(address_covers_of(lists))) {
        for (const OriginClasses::Cell &cell : classes.cells()) {
            const auto [found, is_new] =
                flips_of_membership.try_emplace(membership | classes.membership(cell));
            if (is_new) {
                found->second = flips_from(intervals.front().first(), people, apps,
                                           AssumedOrigin(known_, classes.example(cell)));
            }
            for (const auto &[verdicts, moments] : found->second) {
                places[{verdicts, moments.to_string()}].add(cell, intervals);
            }
        }
    }
    for (const auto &[verdicts, moments] :
         flips_from(std::nullopt, people, apps, AssumedOrigin(known_, {}))) {
        places[{verdicts, moments.to_string()}].add_unknown();
    }
    std::vector<Situation> situations;
    for (auto &[what, place] : places) {
        const auto &[verdicts, moments] = what;
        place.take(classes,
                   {verdicts.first, verdicts.second, moments, {}, {}, false, people.run_as},
                   situations);
    }
    return situations;
}

ComparedPolicies::Flips ComparedPolicies::flips_from(std::optional<Address> address,
                                                     const People &people, const AppClass &apps,
                                                     const OriginSource &origins) const {
    Flips flips;
    for (std::size_t number = 0; number < kMoments; ++number) {
        const Moment moment = moment_of(number);
        if ((moment.flow == Flow::client_credentials) != people.run_as) {
            continue;
        }
        const Verdict before = verdict(
            before_, request_of(moment, address, people, apps, people.claim_before, origins));
        const Verdict after =
            verdict(after_, request_of(moment, address, people, apps, people.claim_after, origins));
        if (before.outcome != after.outcome) {
            flips[{before, after}].set(number);
        }
    }
    return flips;
}

}  // namespace ipfence
