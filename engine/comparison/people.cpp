#include "engine/comparison/people.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace ipfence {

namespace {

constexpr std::size_t kExamples = 3;
constexpr const char *kNotRestricted = "(none: not restricted)";
constexpr const char *kNoSuchProfile = "(no such profile)";
constexpr const char *kNotIdentified = "(user not identified)";
constexpr const char *kRunAs = "(the user that the app runs as)";

// The profiles that two policies list for a user; null: it is not listed.
using ListedProfiles = std::pair<const Profile *, const Profile *>;

// What a token says of its user's profile. Empty: nothing.
using Claim = std::optional<std::string>;

// The profile that somebody has. Null: there is no default_profile, or the claimed one is missing.
struct Standing {
    const Profile *profile = nullptr;
    bool missing = false;

    friend auto operator<=>(const Standing &, const Standing &) = default;
};

using Standings = std::pair<Standing, Standing>;

Standing standing_of(const Policy &policy, const Profile *listed, const Claim &claim) {
    if (listed != nullptr) {
        return {listed};
    }
    if (!claim) {
        return {policy.organization().default_profile};
    }
    const Profile *claimed = policy.find_profile(*claim);
    return {claimed, claimed == nullptr};
}

std::string name_of(const Standing &standing) {
    if (standing.profile != nullptr) {
        return std::string(standing.profile->name.view());
    }
    return standing.missing ? kNoSuchProfile : kNotRestricted;
}

// The tables are in no order: the same examples every time, whatever they are.
void add_example(Members &members, std::string_view user) {
    members.examples.emplace_back(user);
    std::ranges::sort(members.examples);
    if (members.examples.size() > kExamples) {
        members.examples.pop_back();
    }
}

void add(Members &members, const Members &others) {
    members.users += others.users;
    members.with_unlisted = members.with_unlisted || others.with_unlisted;
    for (const std::string &user : others.examples) {
        add_example(members, user);
    }
}

// Those whom the policies list the same profiles for are alike, whatever their tokens claim.
std::map<ListedProfiles, Members> members_by_profiles(const Policy &before, const Policy &after) {
    std::map<ListedProfiles, Members> all;
    const auto add_listed = [&all](std::string_view user, const ListedProfiles &listed) {
        Members &members = all[listed];
        ++members.users;
        add_example(members, user);
    };
    before.listed_users().for_each([&](std::string_view user, const Profile &profile) {
        add_listed(user, {&profile, after.find_user(user)});
    });
    after.listed_users().for_each([&](std::string_view user, const Profile &profile) {
        if (before.find_user(user) == nullptr) {
            add_listed(user, {nullptr, &profile});
        }
    });
    all[{nullptr, nullptr}].with_unlisted = true;
    return all;
}

// What tokens can say to two policies.
class PossibleClaims {
  public:
    PossibleClaims(const Policy &before, const Policy &after)
        : claim_before_(before.organization().profile_claim),
          claim_after_(after.organization().profile_claim) {
        before.listed_profiles().for_each(
            [&](std::string_view name, const Profile &) { all_.emplace_back(name); });
        after.listed_profiles().for_each([&](std::string_view name, const Profile &) {
            if (before.find_profile(name) == nullptr) {
                all_.emplace_back(name);
            }
        });
        all_.emplace_back(unused_name([&](const std::string &name) {
            return before.find_profile(name) != nullptr || after.find_profile(name) != nullptr;
        }));
    }

    // All that matters of users with these profiles, nothing first.
    template <class Visit>
    void for_each(const ListedProfiles &listed, Visit visit) const {
        const std::vector<Claim> &before = heard(claim_before_, listed.first);
        const std::vector<Claim> &after = heard(claim_after_, listed.second);
        const bool both_hear_the_same =
            &before == &all_ && &after == &all_ && claim_before_ == claim_after_;
        for (const Claim &claim : before) {
            if (both_hear_the_same) {
                visit(claim, claim);
                continue;
            }
            for (const Claim &other : after) {
                visit(claim, other);
            }
        }
    }

  private:
    // A policy hears what its claim says of those whom it does not list.
    const std::vector<Claim> &heard(std::string_view claim, const Profile *listed) const {
        return claim.empty() || listed != nullptr ? nothing_ : all_;
    }

    std::string_view claim_before_;
    std::string_view claim_after_;
    std::vector<Claim> nothing_{std::nullopt};
    std::vector<Claim> all_{std::nullopt};
};

// Those with the same two profiles, listed or claimed, are alike: gathers them.
class Gathering {
  public:
    Gathering(const Policy &before, const Policy &after, KnownPlaces &places)
        : before_(before), after_(after), places_(places), claims_(before, after) {}

    void add_everybody() {
        for (const auto &[listed, members] : members_by_profiles(before_, after_)) {
            add_members(listed, members);
        }
    }

    std::vector<People> take() {
        std::vector<People> all;
        all.reserve(by_standings_.size());
        for (auto &[standings, people] : by_standings_) {
            all.push_back(std::move(people));
        }
        std::ranges::stable_sort(all, {}, [](const People &people) {
            return std::pair(people.profile_before, people.profile_after);
        });
        return all;
    }

  private:
    void add_members(const ListedProfiles &listed, const Members &members) {
        const std::string user = members.examples.empty() ? unlisted_user() : members.examples[0];
        std::set<Standings> seen;
        claims_.for_each(listed, [&](const Claim &claim_before, const Claim &claim_after) {
            const Standings standings{standing_of(before_, listed.first, claim_before),
                                      standing_of(after_, listed.second, claim_after)};
            if (!seen.insert(standings).second) {
                return;
            }
            People &people = place(standings);
            add(claim_before || claim_after ? people.claiming : people.members, members);
            if (!people.user) {
                people.user = user;
                people.claim_before = claim_before;
                people.claim_after = claim_after;
            }
        });
    }

    People &place(const Standings &standings) {
        const auto [place, is_new] = by_standings_.try_emplace(standings);
        if (is_new) {
            const auto &[before, after] = standings;
            place->second.profile_before = name_of(before);
            place->second.profile_after = name_of(after);
            place->second.before = facts_of_standing(before);
            place->second.after = facts_of_standing(after);
        }
        return place->second;
    }

    ProfileFacts facts_of_standing(const Standing &standing) {
        return standing.missing ? ProfileFacts{} : facts_of(standing.profile, places_);
    }

    std::string unlisted_user() const {
        return unused_name([&](const std::string &name) {
            return before_.find_user(name) != nullptr || after_.find_user(name) != nullptr;
        });
    }

    const Policy &before_;
    const Policy &after_;
    KnownPlaces &places_;
    const PossibleClaims claims_;
    std::map<Standings, People> by_standings_;
};

}  // namespace

ProfileFacts facts_of(const Profile *profile, KnownPlaces &places) {
    using Kind = ProfileFacts::Kind;
    if (profile == nullptr) {
        return {Kind::none, {}};
    }
    return profile->unrestricted
               ? ProfileFacts{Kind::unrestricted, {}}
               : ProfileFacts{Kind::restricted,
                              places.of(profile->login_ip_ranges, profile->login_origins)};
}

std::vector<People> people_of(const Policy &before, const Policy &after, KnownPlaces &places) {
    Gathering gathering(before, after, places);
    gathering.add_everybody();
    std::vector<People> people = gathering.take();
    for (const char *name : {kNotIdentified, kRunAs}) {
        People &others = people.emplace_back();
        others.profile_before = name;
        others.profile_after = name;
    }
    people.back().run_as = true;
    return people;
}

}  // namespace ipfence
