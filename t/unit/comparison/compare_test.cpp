#include "engine/comparison/compare.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "t/unit/comparison/policies.hpp"

namespace ipfence::compare_test {
namespace {

// Policies at random over so few addresses, users and apps that all can be tried.
class RandomPolicy {
  public:
    explicit RandomPolicy(std::mt19937 &random, bool with_origins = false)
        : random_(random), with_origins_(with_origins) {}

    std::string document() {
        std::ostringstream text;
        text << R"({"ipfence": 1, "organization": {"continuous_ip_enforcement": )"
             << (chance(2) ? "true" : "false") << R"(, "sensitive_operations": ")"
             << one_of({"block_relaxed_apps", "block_relaxed_sessions", "outside_ranges"})
             << R"(", "default_profile": )" << one_of({"null", "\"a\"", "\"b\"", "\"c\""});
        if (chance(4)) {
            const char *other = with_origins_ ? "group" : "role";  // all would be too many
            text << R"(, "profile_claim": ")" << one_of({"group", "group", other}) << '"';
        }
        if (chance(2)) {
            text << R"(, "default_app": )" << app_settings() << '}';
        }
        text << R"(}, "networks": {"one": {"countries": ["DE"]}, "two": {"asns": [1, 2]},
            "three": {"countries": ["FR", "DE"], "asns": [2], "ranges": ["192.0.2.14"]}})";
        text << R"(, "profiles": {"c": {"unrestricted": true}, "a": )" << profile() << R"(, "b": )"
             << profile();
        if (chance(2)) {
            text << R"(, "d": )" << profile();
        }
        text << R"(}, "users": {"zoe": "c")";
        for (const char *user : {"alice", "bob", "robot"}) {
            if (chance(3)) {
                text << ", \"" << user << R"(": )" << one_of({"\"a\"", "\"b\"", "\"c\""});
            }
        }
        text << R"(}, "apps": {"web": )" << app();
        if (chance(2)) {
            text << R"(, "mobile": )" << app();
        }
        text << "}}";
        return text.str();
    }

  private:
    bool chance(unsigned of) { return random_() % of != 0; }
    const char *one_of(std::initializer_list<const char *> words) {
        return words.begin()[random_() % words.size()];
    }
    std::string ranges() {
        std::string text = one_of({R"("192.0.2.0/29")", R"("192.0.2.3-192.0.2.9")",
                                   R"("192.0.2.4/30", "192.0.2.6")", R"("2001:db8::/126")"});
        text += one_of({"", R"(, "192.0.2.12")", R"(, "2001:db8::2-2001:db8::5")"});
        return with_origins_ ? text + one_of({"", R"(, "network:one")", R"(, "network:two")",
                                              R"(, "network:three")"})
                             : text;
    }
    std::string profile() { return R"({"login_ip_ranges": [)" + ranges() + "]}"; }
    std::string app() { return app_settings() + (chance(2) ? R"(, "run_as": "robot"})" : "}"); }
    std::string app_settings() {
        std::string text = R"({"ip_relaxation": ")";
        text += one_of({"enforce", "relax", "relax_for_refresh_tokens",
                        "relax_for_activated_devices", "relax_for_activated_devices"});
        text += '"';
        if (!chance(4)) {
            text += R"(, "protocols": ["saml"])";
        }
        if (chance(2)) {
            text += R"(, "trusted_ip_ranges": [)" + ranges() + "]";
            text += chance(2) ? R"(, "trusted_ip_ranges_effect": "bypass")" : "";
        }
        return text;
    }

    std::mt19937 &random_;
    bool with_origins_;
};

// Where addresses are, in runs.
class MappedOrigins final : public OriginSource {
  public:
    AddressOrigin origin_of(Address address) const noexcept override {
        return {name_in(countries_, address), name_in(systems_, address)};
    }
    KnownOrigins known(bool countries, bool systems) const {
        KnownOrigins known;
        known.source = this;
        if (countries) {
            known.countries = covers_of(countries_);
        }
        if (systems) {
            known.systems = covers_of(systems_);
        }
        return known;
    }

  private:
    template <class Name>
    static std::optional<Name> name_in(const std::vector<OriginRun<Name>> &runs,
                                       Address address) noexcept {
        std::optional<Name> name;
        for (const OriginRun<Name> &run : runs) {
            name = run.first <= address ? run.name : name;
        }
        return name;
    }
    static Address at(const char *text) { return Address::parse(text).value(); }

    const std::optional<CountryCode> germany_ = CountryCode::parse("DE");
    const std::optional<CountryCode> france_ = CountryCode::parse("FR");
    const std::vector<OriginRun<CountryCode>> countries_{
        {at("0.0.0.0"), std::nullopt},    {at("192.0.2.2"), germany_},
        {at("192.0.2.5"), france_},       {at("192.0.2.7"), std::nullopt},
        {at("192.0.2.11"), germany_},     {at("192.0.2.13"), std::nullopt},
        {at("192.0.2.15"), france_},      {at("::"), std::nullopt},
        {at("2001:db8::1"), france_},     {at("2001:db8::4"), germany_},
        {at("2001:db8::6"), std::nullopt}};
    const std::vector<OriginRun<AsNumber>> systems_{
        {at("0.0.0.0"), AsNumber{1}},    {at("192.0.2.4"), std::nullopt},
        {at("192.0.2.6"), AsNumber{2}},  {at("192.0.2.12"), AsNumber{1}},
        {at("::"), std::nullopt},        {at("2001:db8::3"), AsNumber{2}},
        {at("2001:db8::7"), AsNumber{3}}};
};

// From where a request may come.
struct Place {
    std::optional<Address> address;
    AddressOrigin origin{};
};

class PlaceOrigin final : public OriginSource {
  public:
    explicit PlaceOrigin(const Place &place) : origin_(place.origin) {}
    AddressOrigin origin_of(Address) const noexcept override { return origin_; }

  private:
    AddressOrigin origin_;
};

struct Who {
    std::optional<std::string> user;
    std::optional<std::string> group;  // what its token claims
    std::optional<std::string> role;
};

std::vector<Place> every_address() {
    std::vector<Place> all{{std::nullopt},
                           {Address::parse("0.0.0.0")},
                           {Address::parse("255.255.255.255")},
                           {Address::parse("ffff::")}};
    for (std::uint32_t host = 0; host < 16; ++host) {
        all.push_back({Address::from_ipv4(0xc0000200 + host)});
    }
    for (std::uint64_t host = 0; host < 8; ++host) {
        all.push_back({Address::from_ipv6(0x20010db800000000, host)});
    }
    return all;
}

// One comparison, and the same by asking both policies about everything there is.
class Compared {
  public:
    // `known` is what the comparison knows of the origins.
    Compared(std::mt19937 &random, bool with_origins, const KnownOrigins &known,
             std::vector<Place> places)
        : before_document_(RandomPolicy(random, with_origins).document()),
          after_document_(RandomPolicy(random, with_origins).document()),
          before_(test::policy_of(before_document_)),
          after_(test::policy_of(after_document_)),
          places_(std::move(places)),
          comparison_(compare(*before_, *after_, known)) {}

    // How many decisions flip; each must be in the comparison, and no other.
    std::size_t check() const {
        std::size_t flips = 0;
        for (const Who &who : everybody()) {
            for (const std::optional<std::string> &app : every_app()) {
                for (const Place &place : places_) {
                    if (!testing::Test::HasFailure()) {
                        flips += check(who, app, place);
                    }
                }
            }
        }
        return flips;
    }

  private:
    // With every token: each claims nothing, a profile, or one that there may not be.
    std::vector<Who> everybody() const {
        const std::vector<std::optional<std::string>> all_claims{std::nullopt, "a", "b",
                                                                 "c",          "d", "none such"};
        const std::vector<std::optional<std::string>> no_claims{std::nullopt};
        const auto claims_of = [&](std::string_view claim) {
            const bool is_heard = before_->organization().profile_claim == claim ||
                                  after_->organization().profile_claim == claim;
            return is_heard ? all_claims : no_claims;
        };
        std::vector<Who> all;
        for (const auto &group : claims_of("group")) {
            for (const auto &role : claims_of("role")) {
                for (const char *user : {"robot", "alice", "bob", "stranger"}) {
                    all.push_back({user, group, role});
                }
                all.push_back({std::nullopt, group, role});
            }
        }
        return all;
    }
    static std::optional<std::string> claim_to(const Policy &policy, const Who &who) {
        const std::string &claim = policy.organization().profile_claim;
        return claim == "group" ? who.group : claim == "role" ? who.role : std::nullopt;
    }
    static std::vector<std::optional<std::string>> every_app() {
        return {std::nullopt, "web", "mobile", "another"};
    }
    static DecisionRequest request_of(const Who &who, const std::optional<std::string> &claim,
                                      const std::optional<std::string> &app, const Place &place,
                                      const OriginSource &origins, const Moment &moment) {
        DecisionRequest request;
        request.client_address = place.address;
        request.origins = &origins;
        request.user = who.user;
        request.app = app;
        request.operation = moment.operation;
        request.flow = moment.flow;
        request.refreshed = moment.refreshed;
        request.device_activated = moment.device_activated;
        request.claimed_profile = claim;
        return request;
    }

    static std::string profile_name(const Policy &policy, const Who &who) {
        if (!who.user) {
            return "(user not identified)";
        }
        if (const Profile *listed = policy.find_user(*who.user)) {
            return std::string(listed->name.view());
        }
        if (const auto claim = claim_to(policy, who)) {
            const Profile *claimed = policy.find_profile(*claim);
            return claimed != nullptr ? std::string(claimed->name.view()) : "(no such profile)";
        }
        const Profile *unlisted = policy.organization().default_profile;
        return unlisted != nullptr ? std::string(unlisted->name.view()) : "(none: not restricted)";
    }

    // The names of its profiles before and after.
    std::pair<std::string, std::string> profile_names(const Who &who) const {
        return {profile_name(*before_, who), profile_name(*after_, who)};
    }

    // Whether the user is said to be among these: by name, as so few are named all.
    bool is_among(const Members &members, const std::string &user) const {
        const bool listed =
            before_->find_user(user) != nullptr || after_->find_user(user) != nullptr;
        return listed ? std::ranges::count(members.examples, user) > 0 : members.with_unlisted;
    }

    bool is_of(const People &people, const Who &who) const {
        const auto names = profile_names(who);
        if (people.run_as || people.profile_before != names.first ||
            people.profile_after != names.second) {
            return false;
        }
        const bool is_by_claim = names != profile_names({who.user, std::nullopt, std::nullopt});
        return !who.user || is_among(is_by_claim ? people.claiming : people.members, *who.user);
    }

    bool is_of(const AppClass &apps, const std::optional<std::string> &app) const {
        if (!app || apps.no_app) {
            return !app && apps.no_app;
        }
        const bool listed = before_->find_app(*app) != nullptr || after_->find_app(*app) != nullptr;
        return listed ? std::ranges::count(apps.client_ids, *app) > 0 : apps.with_unlisted;
    }

    template <class Name>
    static bool is_in(const NameSet<Name> &set, const std::optional<Name> &name) {
        const bool named = name && std::ranges::count(set.names, *name) > 0;
        return named != set.all_but;
    }

    static bool is_in(const OriginConditions &conditions, const AddressOrigin &origin) {
        const auto holds = [&](const OriginCondition &condition) {
            return is_in(condition.countries, origin.country) &&
                   is_in(condition.systems, origin.as_number);
        };
        EXPECT_LE(std::ranges::count_if(conditions, holds), 1) << "none twice";
        return conditions.empty() || std::ranges::any_of(conditions, holds);
    }

    // Every flip that the comparison tells of these requests, at one moment or another; `run_as`:
    // of client credentials, which are of nobody else.
    std::vector<const Flip *> told_of(const Who &who, const std::optional<std::string> &app,
                                      const Place &place, bool run_as) const {
        std::vector<const Flip *> told;
        const auto is_here = [&](const Flip &flip) {
            if (!place.address) {
                return flip.address_unknown;
            }
            const auto has = [&](const AddressRange &range) {
                return range.first().family() == place.address->family() &&
                       range.contains(*place.address);
            };
            return std::ranges::any_of(flip.addresses, has) && is_in(flip.origins, place.origin);
        };
        const auto is_theirs = [&](std::size_t number) {
            const People &people = comparison_.people[number];
            return run_as ? people.run_as : is_of(people, who);
        };
        const auto is_its = [&](std::size_t apps) { return is_of(comparison_.apps[apps], app); };
        for (const Flip &flip : comparison_.flips) {
            if (is_here(flip) && std::ranges::any_of(flip.apps, is_its) &&
                std::ranges::any_of(flip.people, is_theirs)) {
                told.push_back(&flip);
            }
        }
        return told;
    }

    // Whether what is told is what is so: a flip as such, once, and of the rest nothing.
    static bool is_right(const std::vector<const Flip *> &told, std::size_t moment,
                         const Decision &before, const Decision &after) {
        const auto is_of_moment = [&](const Flip *flip) { return flip->moments[moment]; };
        const auto is_so = [&](const Flip *flip) {
            return is_of_moment(flip) && flip->before == Verdict{before.outcome, before.reason} &&
                   flip->after == Verdict{after.outcome, after.reason};
        };
        const std::ptrdiff_t flips = before.outcome != after.outcome ? 1 : 0;
        return std::ranges::count_if(told, is_of_moment) == flips &&
               std::ranges::count_if(told, is_so) == flips;
    }

    std::size_t check(const Who &who, const std::optional<std::string> &app,
                      const Place &place) const {
        const PlaceOrigin origins(place);
        const auto claim_before = claim_to(*before_, who);
        const auto claim_after = claim_to(*after_, who);
        const auto told = told_of(who, app, place, false);
        const auto told_of_app = told_of(who, app, place, true);
        std::size_t flips = 0;
        for (std::size_t number = 0; number < kMoments; ++number) {
            const Moment moment = moment_of(number);
            const Decision before =
                decide(*before_, request_of(who, claim_before, app, place, origins, moment));
            const Decision after =
                decide(*after_, request_of(who, claim_after, app, place, origins, moment));
            const bool flipped = before.outcome != after.outcome;
            flips += flipped ? 1 : 0;
            const bool is_of_app = moment.flow == Flow::client_credentials;
            if (!is_right(is_of_app ? told_of_app : told, number, before, after)) {
                ADD_FAILURE() << (flipped ? "not told: " : "told: ") << who.user.value_or("nobody")
                              << " of group " << who.group.value_or("-") << " and role "
                              << who.role.value_or("-") << ", " << app.value_or("no app") << ", "
                              << (place.address ? place.address->text() : "unknown") << " in "
                              << (place.origin.country ? place.origin.country->text() : "-") << ", "
                              << name_of(moment.operation) << ' ' << name_of(moment.flow) << '\n'
                              << before_document_ << '\n'
                              << after_document_;
                return flips;
            }
        }
        return flips;
    }

    std::string before_document_;
    std::string after_document_;
    std::unique_ptr<const Policy> before_;
    std::unique_ptr<const Policy> after_;
    std::vector<Place> places_;
    Comparison comparison_;
};

TEST(Compare, TellsEveryFlipAndNoOther) {
    std::mt19937 random(7);
    std::size_t flips = 0;
    for (int round = 0; round < 24 && !testing::Test::HasFailure(); ++round) {
        flips += Compared(random, false, {}, every_address()).check();
    }
    EXPECT_GT(flips, 1000u) << "policies that differ in little show little";
}

// Every address in every country and system; of those that are known, in its own.
std::vector<Place> everywhere(const MappedOrigins &mapped, const KnownOrigins &known) {
    std::vector<Place> all;
    const std::vector<std::optional<CountryCode>> countries{
        std::nullopt, CountryCode::parse("DE"), CountryCode::parse("FR"), CountryCode::parse("AT")};
    const std::vector<std::optional<AsNumber>> systems{std::nullopt, AsNumber{1}, AsNumber{2},
                                                       AsNumber{3}};
    for (const Place &place : every_address()) {
        const AddressOrigin own =
            place.address ? mapped.origin_of(*place.address) : AddressOrigin{};
        for (const auto &country : countries) {
            for (const auto &system : systems) {
                const bool is_so = (!known.countries || country == own.country) &&
                                   (!known.systems || system == own.as_number);
                if (is_so) {
                    all.push_back({place.address, {country, system}});
                }
            }
        }
    }
    return all;
}

TEST(Compare, TellsEveryFlipOfCountriesAndSystemsWhateverIsKnown) {
    const MappedOrigins mapped;
    for (const auto &[countries, systems] : {std::pair(true, true), std::pair(true, false),
                                             std::pair(false, true), std::pair(false, false)}) {
        std::mt19937 random(17);
        const KnownOrigins known = mapped.known(countries, systems);
        const std::vector<Place> places = everywhere(mapped, known);
        std::size_t flips = 0;
        const int rounds = countries && systems ? 6 : 1;
        for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
            flips += Compared(random, true, known, places).check();
        }
        EXPECT_GT(flips, 1000u);
    }
}

TEST(Compare, SamePoliciesDoNotFlip) {
    std::mt19937 random(8);
    for (int round = 0; round < 10; ++round) {
        const std::string document = RandomPolicy(random, true).document();
        const auto one = test::policy_of(document);
        const auto other = test::policy_of(document);
        EXPECT_TRUE(compare(*one, *other).flips.empty());
    }
}

TEST(Compare, AlikeFlipsAreOne) {
    const auto policy = [](const std::string &ranges) {
        return test::policy_of(R"({"ipfence": 1, "organization": {"default_profile": "a"},
            "profiles": {"a": {"login_ip_ranges": [)" +
                               ranges + R"(]}, "b": {"login_ip_ranges": [)" + ranges +
                               R"(]}}, "users": {"alice": "a", "bob": "b", "carol": "b"},
            "apps": {"one": {}, "two": {}, "three": {"ip_relaxation": "relax"}}})");
    };
    const Comparison comparison =
        compare(*policy(R"("192.0.2.0/24", "198.51.100.0/24")"), *policy(R"("192.0.2.0/24")"));
    ASSERT_EQ(comparison.flips.size(), 2u) << "through all apps but three; through three";
    for (const Flip &flip : comparison.flips) {
        ASSERT_EQ(flip.addresses.size(), 1u);
        EXPECT_EQ(flip.addresses[0].text(), "198.51.100.0/24");
        EXPECT_EQ(flip.people.size(), 2u);
        EXPECT_EQ(flip.before, (Verdict{Outcome::allow, Reason::login_ip_range}));
        EXPECT_EQ(flip.after, (Verdict{Outcome::deny, Reason::outside_login_ip_ranges}));
    }
    EXPECT_EQ(comparison.people[comparison.flips[0].people[1]].members.users, 2u);
    EXPECT_EQ(comparison.people[comparison.flips[0].people[1]].members.examples,
              (std::vector<std::string>{"bob", "carol"}));
}

TEST(Compare, SaysWhatNoDecisionShows) {
    const auto policy = [](const std::string &settings) {
        return test::policy_of(R"({"ipfence": 1, "organization": {"default_profile": null)" +
                               settings + R"(}, "profiles": {"a": {"unrestricted": true}}})");
    };
    const auto notes = [&](const std::string &settings) {
        return compare(*policy(""), *policy(settings)).notes.size();
    };
    EXPECT_EQ(notes(""), 0u);
    const auto origins = test::policy_of(R"({"ipfence": 1, "organization": {"default_profile": "a"},
        "networks": {"de": {"countries": ["DE"]}},
        "profiles": {"a": {"login_ip_ranges": ["network:de"]}}})");
    const MappedOrigins mapped;
    EXPECT_EQ(compare(*origins, *origins).notes.size(), 1u);
    EXPECT_EQ(compare(*origins, *origins, mapped.known(true, false)).notes.size(), 0u);
    EXPECT_EQ(compare(*origins, *origins, mapped.known(false, true)).notes.size(), 1u);
    EXPECT_EQ(notes(R"(, "user_claims": ["email"])"), 1u);
    EXPECT_EQ(notes(R"(, "profile_claim": "group")"), 0u) << "every flip of it is told";
    EXPECT_EQ(
        compare(*policy(R"(, "profile_claim": "group")"), *policy(R"(, "profile_claim": "role")"))
            .notes.size(),
        1u);
    EXPECT_EQ(notes(R"(, "verification_claims": {"amr": ["mfa"]})"), 1u);
}

}  // namespace
}  // namespace ipfence::compare_test
