#include "t/unit/decision/every_case.hpp"

#include "engine/policy/policy_builder.hpp"

#include <array>

namespace ipfence::test {

namespace {

constexpr std::array kOperations{Operation::login,      Operation::refresh,
                                 Operation::access,     Operation::password_change,
                                 Operation::login_flow, Operation::verification_registration};
constexpr std::array kFlows{Flow::web_server, Flow::user_agent,     Flow::username_password,
                            Flow::jwt_bearer, Flow::saml_bearer,    Flow::client_credentials,
                            Flow::device,     Flow::token_exchange, Flow::direct,
                            Flow::unknown};
constexpr std::array kRelaxations{Relaxation::enforce, Relaxation::relax_for_refresh_tokens,
                                  Relaxation::relax_for_activated_devices, Relaxation::relax};
constexpr std::array kTrustedLists{TrustedList::none, TrustedList::replace, TrustedList::bypass};
constexpr std::array kSensitiveModes{SensitiveOperations::block_relaxed_apps,
                                     SensitiveOperations::block_relaxed_sessions,
                                     SensitiveOperations::outside_ranges};

constexpr std::string_view kUnlistedUser = "mallory";
constexpr std::string_view kMissingProfile = "no-such-profile";
constexpr std::string_view kUnlistedApp = "no-such-app";

// The users that apps run as; the second must never be taken where run_as does not count.
constexpr std::array<std::string_view, 4> kRunAs{"", kUnrestrictedUser, kRestrictedUser,
                                                 kUnlistedUser};
constexpr std::size_t kRunAsUnrestricted = 1;

// What a request says of its user.
struct Person {
    std::optional<std::string_view> user;
    std::optional<std::string_view> claimed_profile;
};

const std::vector<Person> kPeople{
    {kRestrictedUser, {}},
    {kRestrictedUser, kUnrestrictedProfile},
    {kUnrestrictedUser, {}},
    {kUnrestrictedUser, kMissingProfile},
    {kUnlistedUser, {}},
    {kUnlistedUser, kRestrictedProfile},
    {kUnlistedUser, kUnrestrictedProfile},
    {kUnlistedUser, kMissingProfile},
    {{}, {}},
    {{}, kUnrestrictedProfile},
    {"", {}},
};

// Whom to send to an organization: everybody, but only those whom its setting concerns where
// another organization with the same apps has met the others.
std::vector<Person> people_for(const OrganizationSetting &organization) {
    if (organization.default_profile == DefaultProfile::none) {
        return {{kUnlistedUser, {}}};
    }
    if (organization.default_app) {
        return {{kRestrictedUser, {}}, {kUnlistedUser, {}}, {{}, {}}};
    }
    return kPeople;
}

// Operation, flow, refreshed, device_activated and client address of a request.
struct Moment {
    DecisionRequest request;
    Situations facts;
};

// An app of an organization, as a request names it.
struct AppCase {
    std::optional<std::string> client_id;
    Situations facts;
    std::string_view run_as;
    bool for_client_credentials_only = false;
};

struct Client {
    std::optional<Address> address;
    Place place;
};

// The second line of each place is its IPv6 text, the third the first one's IPv4-mapped form.
std::vector<Client> every_client() {
    constexpr std::pair<std::string_view, Place> kTexts[] = {
        {"192.0.3.0", Place::elsewhere},
        {"2001:db8:9:ffff:ffff:ffff:ffff:ffff", Place::elsewhere},
        {"::ffff:192.0.3.0", Place::elsewhere},
        {"192.0.2.255", Place::profile_only},
        {"2001:db8:a::", Place::profile_only},
        {"::ffff:192.0.2.255", Place::profile_only},
        {"203.0.113.127", Place::app_only},
        {"2001:db8:c:ffff:ffff:ffff:ffff:ffff", Place::app_only},
        {"::ffff:203.0.113.127", Place::app_only},
        {"198.51.100.7", Place::both},
        {"2001:db8:b::7", Place::both},
        {"::ffff:198.51.100.7", Place::both},
    };
    std::vector<Client> clients{{std::nullopt, Place::unknown}};
    for (const auto &[text, place] : kTexts) {
        clients.push_back({Address::parse(text).value(), place});
    }
    return clients;
}

std::vector<Moment> every_moment() {
    std::vector<Moment> moments;
    for (const Client &client : every_client()) {
        for (const Operation operation : kOperations) {
            for (const Flow flow : kFlows) {
                for (const Refreshed refreshed : {Refreshed::no, Refreshed::yes}) {
                    for (const Device device : {Device::not_activated, Device::activated}) {
                        DecisionRequest request;
                        request.client_address = client.address;
                        request.operation = operation;
                        request.flow = flow;
                        request.refreshed = refreshed == Refreshed::yes;
                        request.device_activated = device == Device::activated;
                        moments.push_back({request, bit(client.place) | bit(operation) | bit(flow) |
                                                        bit(refreshed) | bit(device)});
                    }
                }
            }
        }
    }
    return moments;
}

// The token of client credentials is the app's: what it claims is not of the user that the app runs
// as.
Person person_of_app(std::string_view run_as) {
    return {run_as, {}};
}

Subject subject_of(const Person &person, DefaultProfile default_profile) {
    const auto &[user, claimed_profile] = person;
    if (user.value_or("").empty()) {
        return Subject::unidentified;
    }
    if (*user == kRestrictedUser) {
        return Subject::restricted;
    }
    if (*user == kUnrestrictedUser) {
        return Subject::unrestricted;
    }
    if (claimed_profile == kMissingProfile) {
        return Subject::missing_profile;
    }
    if (claimed_profile) {
        return *claimed_profile == kRestrictedProfile ? Subject::restricted : Subject::unrestricted;
    }
    return default_profile == DefaultProfile::restricted ? Subject::restricted
                                                         : Subject::unrestricted;
}

Situations facts_of(const AppSetting &setting) {
    return bit(setting.oauth ? Standing::oauth : Standing::saml_only) | bit(setting.relaxation) |
           bit(setting.trusted_list);
}

// Of such an app nothing else is known: any relaxation and list would do.
Situations facts_without_setting(Standing standing) {
    return bit(standing) | bit(Relaxation::enforce) | bit(TrustedList::none);
}

std::string client_id_of(std::size_t setting, std::size_t run_as) {
    return "app-" + std::to_string(setting) + "-" + std::to_string(run_as);
}

std::vector<AppCase> every_app_of(const OrganizationSetting &organization) {
    if (organization.default_app) {
        return {{{}, facts_without_setting(Standing::no_app), {}},
                {std::string(kUnlistedApp), facts_of(*organization.default_app), {}}};
    }
    std::vector<AppCase> apps{
        {{}, facts_without_setting(Standing::no_app), {}},
        {std::string(kUnlistedApp), facts_without_setting(Standing::unlisted), {}}};
    const std::vector<AppSetting> settings = every_app_setting();
    for (std::size_t setting = 0; setting < settings.size(); ++setting) {
        for (std::size_t run_as = 0; run_as < kRunAs.size(); ++run_as) {
            apps.push_back({client_id_of(setting, run_as), facts_of(settings[setting]),
                            kRunAs[run_as], run_as != kRunAsUnrestricted});
        }
    }
    return apps;
}

std::vector<AddressRange> ranges_of(const std::vector<std::string_view> &texts) {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : texts) {
        ranges.push_back(AddressRange::parse(text).value());
    }
    return ranges;
}

AppSettings make_app(const AppSetting &setting, RangesNumber ranges, std::string client_id,
                     std::string_view run_as) {
    AppSettings app;
    app.client_id = std::move(client_id);
    app.oauth = setting.oauth;
    app.saml = setting.saml;
    app.ip_relaxation = setting.relaxation;
    if (setting.trusted_list != TrustedList::none) {
        app.trusted_ip_ranges = ranges;
    }
    app.trusted_ip_ranges_effect = setting.trusted_list == TrustedList::bypass
                                       ? TrustedRangesEffect::bypass
                                       : TrustedRangesEffect::replace;
    app.run_as = run_as;
    return app;
}

}  // namespace

std::vector<AppSetting> every_app_setting() {
    constexpr std::pair<bool, bool> kProtocols[] = {{true, false}, {true, true}, {false, true}};
    std::vector<AppSetting> settings;
    for (const Relaxation relaxation : kRelaxations) {
        for (const auto &[oauth, saml] : kProtocols) {
            for (const TrustedList trusted_list : kTrustedLists) {
                settings.push_back({relaxation, oauth, saml, trusted_list});
            }
        }
    }
    return settings;
}

std::vector<OrganizationSetting> every_organization() {
    std::vector<OrganizationSetting> organizations;
    for (const Continuous continuous : {Continuous::off, Continuous::on}) {
        for (const SensitiveOperations mode : kSensitiveModes) {
            organizations.push_back({continuous, mode, DefaultProfile::restricted});
            organizations.push_back({continuous, mode, DefaultProfile::none});
        }
    }
    return organizations;
}

std::unique_ptr<const Policy> make_policy(const OrganizationSetting &setting,
                                          const Ranges &ranges) {
    PolicyBuilder builder;
    const RangesNumber of_apps = builder.add_ranges(ranges_of(ranges.of_apps));
    const RangesNumber of_profile = builder.add_ranges(ranges_of(ranges.of_profile));
    const ProfileNumber restricted =
        builder.add_profile({std::string(kRestrictedProfile), false, of_profile});
    const ProfileNumber unrestricted =
        builder.add_profile({std::string(kUnrestrictedProfile), true, {}});
    builder.add_user(std::string(kRestrictedUser), restricted);
    builder.add_user(std::string(kUnrestrictedUser), unrestricted);

    const std::vector<AppSetting> settings = every_app_setting();
    for (std::size_t index = 0; index < settings.size(); ++index) {
        for (std::size_t run_as = 0; run_as < kRunAs.size(); ++run_as) {
            builder.add_app(
                make_app(settings[index], of_apps, client_id_of(index, run_as), kRunAs[run_as]));
        }
    }

    OrganizationSettings organization;
    organization.continuous_ip_enforcement = setting.continuous == Continuous::on;
    organization.profile_claim = "profile";
    organization.sensitive_operations = setting.sensitive_operations;
    organization.default_profile = setting.default_profile == DefaultProfile::restricted
                                       ? std::optional(restricted)
                                       : std::nullopt;
    if (setting.default_app) {
        organization.default_app = make_app(*setting.default_app, of_apps, {}, kUnrestrictedUser);
    }
    builder.set_organization(std::move(organization));
    return std::move(builder.build()).value();
}

void for_each_case(const OrganizationSetting &organization, const Ranges &ranges,
                   const std::function<void(const Case &)> &visit) {
    static const std::vector<Moment> kMoments = every_moment();
    const std::unique_ptr<const Policy> policy = make_policy(organization, ranges);
    const Situations organization_facts =
        bit(organization.continuous) | bit(organization.sensitive_operations);
    const std::vector<Person> people = people_for(organization);

    for (const AppCase &app : every_app_of(organization)) {
        for (const Person &person : people) {
            for (const Moment &moment : kMoments) {
                const bool own_user = moment.request.flow != Flow::client_credentials;
                if (own_user && app.for_client_credentials_only) {
                    continue;
                }
                const Subject subject = subject_of(own_user ? person : person_of_app(app.run_as),
                                                   organization.default_profile);
                DecisionRequest request = moment.request;
                request.user = person.user;
                request.claimed_profile = person.claimed_profile;
                request.app = app.client_id;
                visit({*policy, request,
                       organization_facts | app.facts | moment.facts | bit(subject)});
            }
        }
    }
}

void for_each_case(const std::function<void(const Case &)> &visit) {
    for (OrganizationSetting organization : every_organization()) {
        for_each_case(organization, {}, visit);
        for (const AppSetting &setting : every_app_setting()) {
            organization.default_app = setting;
            for_each_case(organization, {}, visit);
        }
    }
}

}  // namespace ipfence::test
