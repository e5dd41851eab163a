#include "engine/comparison/people.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace ipfence {

namespace {

constexpr std::size_t kExamples = 3;
constexpr const char *kNotRestricted = "(none: not restricted)";
constexpr const char *kNoSuchProfile = "(no such profile)";
constexpr const char *kNotIdentified = "(user not identified)";
constexpr const char *kRunAs = "(the user that the app runs as)";

std::string name_of_profile(const Profile *profile) {
    return profile == nullptr ? kNotRestricted : std::string(profile->name.view());
}

const Profile *profile_of_user(const Policy &policy, std::string_view user) {
    const Profile *listed = policy.find_user(user);
    return listed != nullptr ? listed : policy.organization().default_profile;
}

// Those with the same two profiles, listed or not, are alike: gathers them.
class Gathering {
  public:
    Gathering(const Policy &before, const Policy &after, const KnownOrigins &known)
        : before_(before), after_(after), known_(known) {}

    void add_listed(std::string_view user) {
        People &people = place(profile_of_user(before_, user), profile_of_user(after_, user));
        ++people.users;
        // The tables are in no order: the same names every time, whatever they are.
        people.examples.emplace_back(user);
        std::ranges::sort(people.examples);
        if (people.examples.size() > kExamples) {
            people.examples.pop_back();
        }
        if (!people.user) {
            people.user = user;
        }
    }

    void add_unlisted() {
        People &people =
            place(before_.organization().default_profile, after_.organization().default_profile);
        people.with_unlisted = true;
        if (!people.user) {
            people.user = unlisted_name();
        }
    }

    // An unlisted user whose token claims this profile; a policy without a profile_claim does not
    // listen.
    void add_claiming(std::string_view profile) {
        const auto claim_before = claim_to(before_, profile);
        const auto claim_after = claim_to(after_, profile);
        const bool missing_before = claim_before && before_.find_profile(profile) == nullptr;
        const bool missing_after = claim_after && after_.find_profile(profile) == nullptr;
        People people;
        people.with_unlisted = true;
        people.user = unlisted_name();
        people.claim_before = claim_before;
        people.claim_after = claim_after;
        if (!missing_before && !missing_after) {
            People &same = place(claimed(before_, claim_before), claimed(after_, claim_after));
            same.with_unlisted = true;
            if (!same.user) {
                same.user = people.user;
                same.claim_before = people.claim_before;
                same.claim_after = people.claim_after;
            }
            return;
        }
        describe(people.profile_before, people.before, missing_before, before_, claim_before);
        describe(people.profile_after, people.after, missing_after, after_, claim_after);
        others_.push_back(std::move(people));
    }

    // A profile that neither policy has.
    std::string missing_profile() const {
        std::string name = "?";
        while (before_.find_profile(name) != nullptr || after_.find_profile(name) != nullptr) {
            name += '?';
        }
        return name;
    }

    std::vector<People> take() {
        std::vector<People> all;
        for (auto &[profiles, people] : by_profiles_) {
            all.push_back(std::move(people));
        }
        std::ranges::sort(all, {}, [](const People &people) {
            return std::pair(people.profile_before, people.profile_after);
        });
        std::ranges::move(others_, std::back_inserter(all));
        return all;
    }

  private:
    People &place(const Profile *before, const Profile *after) {
        const auto [place, is_new] = by_profiles_.try_emplace({before, after});
        if (is_new) {
            place->second.profile_before = name_of_profile(before);
            place->second.profile_after = name_of_profile(after);
            place->second.before = facts_of(before, known_);
            place->second.after = facts_of(after, known_);
        }
        return place->second;
    }

    static std::optional<std::string> claim_to(const Policy &policy, std::string_view profile) {
        return policy.organization().profile_claim.empty() ? std::nullopt
                                                           : std::optional<std::string>(profile);
    }

    static const Profile *claimed(const Policy &policy, const std::optional<std::string> &claim) {
        return claim ? policy.find_profile(*claim) : policy.organization().default_profile;
    }

    void describe(std::string &name, ProfileFacts &facts, bool missing, const Policy &policy,
                  const std::optional<std::string> &claim) const {
        name = missing ? kNoSuchProfile : name_of_profile(claimed(policy, claim));
        facts = missing ? ProfileFacts{} : facts_of(claimed(policy, claim), known_);
    }

    std::string unlisted_name() const {
        std::string name = "?";
        while (before_.find_user(name) != nullptr || after_.find_user(name) != nullptr) {
            name += '?';
        }
        return name;
    }

    const Policy &before_;
    const Policy &after_;
    const KnownOrigins &known_;
    std::map<std::pair<const Profile *, const Profile *>, People> by_profiles_;
    std::vector<People> others_;
};

}  // namespace

ProfileFacts facts_of(const Profile *profile, const KnownOrigins &known) {
    using Kind = ProfileFacts::Kind;
    if (profile == nullptr) {
        return {Kind::none, {}};
    }
    return profile->unrestricted
               ? ProfileFacts{Kind::unrestricted, {}}
               : ProfileFacts{Kind::restricted,
                              places_of(profile->login_ip_ranges, profile->login_origins, known)};
}

std::vector<People> people_of(const Policy &before, const Policy &after,
                              const KnownOrigins &known) {
    Gathering gathering(before, after, known);
    before.listed_users().for_each(
        [&](std::string_view user, const Profile &) { gathering.add_listed(user); });
    after.listed_users().for_each([&](std::string_view user, const Profile &) {
        if (before.find_user(user) == nullptr) {
            gathering.add_listed(user);
        }
    });
    gathering.add_unlisted();
    const bool claims =
        !before.organization().profile_claim.empty() || !after.organization().profile_claim.empty();
    const auto add_claiming = [&](std::string_view profile, const Profile &) {
        if (claims) {
            gathering.add_claiming(profile);
        }
    };
    before.listed_profiles().for_each(add_claiming);
    after.listed_profiles().for_each([&](std::string_view name, const Profile &profile) {
        if (before.find_profile(name) == nullptr) {
            add_claiming(name, profile);
        }
    });
    if (claims) {
        gathering.add_claiming(gathering.missing_profile());
    }
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
