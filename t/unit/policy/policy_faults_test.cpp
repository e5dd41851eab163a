#include <gtest/gtest.h>

#include <string>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::policy_faults_test {
namespace {

struct Fault {
    const char *name;
    // Members of the document beside `"ipfence": 1`, each on a line of its own from line 2 on.
    const char *organization;
    const char *profiles;
    const char *rest;
    const char *errors;
};

constexpr const char *kOrganization = R"({"default_profile": "p"})";
constexpr const char *kProfiles = R"({"p": {"login_ip_ranges": ["192.0.2.0/24"]}})";

std::string document(const Fault &fault) {
    return std::string("{\"ipfence\": 1,\n\"organization\": ") + fault.organization +
           ",\n\"profiles\": " + fault.profiles + fault.rest + "}\n";
}

const Fault kFaults[] = {
    {"names that are commands", kOrganization, kProfiles,
     ",\n\"users\": {\"a\\n2026/12/01 00:00:00 [alert] \\u001b]0;\": \"\\u202e\"}",
     "policy.json:4: users.a\\u{a}2026/12/01 00:00:00 [alert] \\u{1b}]0;: is a key that is empty "
     "or "
     "holds a control character\n"
     "policy.json:4: users.a\\u{a}2026/12/01 00:00:00 [alert] \\u{1b}]0;: there is no profile "
     "\"\\u{202e}\" in profiles\n"},
    {"unknown key", kOrganization, kProfiles, ",\n\"user\": {}",
     "policy.json:4: user: is not a known key; known here: ipfence, organization, networks, "
     "profiles, "
     "users, users_file, apps\n"},
    {"no default_profile", "{}", kProfiles, "",
     "policy.json:2: organization: must have default_profile: the profile of users that the policy "
     "does "
     "not list, or null to leave them unrestricted\n"},
    {"unknown default_profile", R"({"default_profile": "q"})", kProfiles, "",
     "policy.json:2: organization.default_profile: there is no profile \"q\" in profiles\n"},
    {"default_profile of another type", R"({"default_profile": false})", kProfiles, "",
     "policy.json:2: organization.default_profile: must be a string, not a boolean\n"},
    {"boolean as a word", R"({"default_profile": "p", "continuous_ip_enforcement": "true"})",
     kProfiles, "",
     "policy.json:2: organization.continuous_ip_enforcement: must be true or false, not a "
     "string\n"},
    {"unknown mode", R"({"default_profile": "p", "sensitive_operations": "block"})", kProfiles, "",
     "policy.json:2: organization.sensitive_operations: \"block\" is not one of "
     "\"block_relaxed_apps\", "
     "\"block_relaxed_sessions\", \"outside_ranges\"\n"},
    {"no claims", R"({"default_profile": "p", "user_claims": []})", kProfiles, "",
     "policy.json:2: organization.user_claims: must not be empty; a list that lost its values must "
     "not "
     "open the door\n"},
    {"claim twice", R"({"default_profile": "p", "user_claims": ["sub", "sub"]})", kProfiles, "",
     "policy.json:2: organization.user_claims[1]: \"sub\" is given twice\n"},
    {"default_app with a user", R"({"default_profile": "p", "default_app": {"run_as": "x"}})",
     kProfiles, "",
     "policy.json:2: organization.default_app.run_as: is not a known key; known here: "
     "ip_relaxation, "
     "protocols, trusted_ip_ranges, trusted_ip_ranges_effect\n"},
    {"empty profile", kOrganization, R"({"p": {}})", "",
     "policy.json:3: profiles.p: must have either login_ip_ranges or \"unrestricted\": true\n"},
    {"both", kOrganization, R"({"p": {"unrestricted": true, "login_ip_ranges": ["::1"]}})", "",
     "policy.json:3: profiles.p: must have either login_ip_ranges or \"unrestricted\": true\n"},
    {"unrestricted false", kOrganization, R"({"p": {"unrestricted": false}})", "",
     "policy.json:3: profiles.p.unrestricted: must be true, or left out where login_ip_ranges "
     "stand\n"},
    // threats.md F14, N02; of trusted_ip_ranges, see "apps".
    {"empty ranges", kOrganization, R"({"p": {"login_ip_ranges": []}})", "",
     "policy.json:3: profiles.p.login_ip_ranges: must not be empty; a list that lost its values "
     "must not "
     "open the door\n"},
    {"ranges of another type", kOrganization, R"({"p": {"login_ip_ranges": "192.0.2.0/24"}})", "",
     "policy.json:3: profiles.p.login_ip_ranges: must be an array, not a string\n"},
    {"bad ranges", kOrganization,
     "{\"p\": {\"login_ip_ranges\": "
     "[\"192.0.2.1/24\",\n\"10.0.0.9-10.0.0.1\",\n\"010.0.0.1\",\n7,\n"
     "\"network:x\", \"192.0.2.1\"]}}",
     "",
     "policy.json:3: profiles.p.login_ip_ranges[0]: \"192.0.2.1/24\" has host bits set; write "
     "192.0.2.0/24 for the block, or the address alone\n"
     "policy.json:4: profiles.p.login_ip_ranges[1]: \"10.0.0.9-10.0.0.1\" is inverted: its first "
     "address "
     "is above its last\n"
     "policy.json:5: profiles.p.login_ip_ranges[2]: \"010.0.0.1\" is not an IPv4 or IPv6 address "
     "(four "
     "decimal octets without leading zeros, or RFC 4291 text without a zone)\n"
     "policy.json:6: profiles.p.login_ip_ranges[3]: must be a string, not a number\n"
     "policy.json:7: profiles.p.login_ip_ranges[4]: there is no network \"x\" in networks\n"},
    {"a network of another type", kOrganization, kProfiles, R"(, "networks": {"hq": null})",
     "policy.json:3: networks.hq: must be an array or an object, not null\n"},
    {"networks", kOrganization, kProfiles,
     ",\n\"networks\": {\"a\": [], \"b\": {},\n\"c\": {\"ranges\": [\"network:a\"], \"asn\": 1},\n"
     "\"d\": {\"countries\": [\"de\", \"DEU\"], \"asns\": [0, \"AS1\", 4294967296]}}",
     "policy.json:4: networks.a: must not be empty; a list that lost its values must not open the "
     "door\n"
     "policy.json:4: networks.b: must have ranges, countries or asns\n"
     "policy.json:5: networks.c.asn: is not a known key; known here: ranges, countries, asns\n"
     "policy.json:6: networks.d.countries[0]: \"de\" is not a country code (two capital letters, "
     "ISO "
     "3166-1)\n"
     "policy.json:6: networks.d.countries[1]: \"DEU\" is not a country code (two capital letters, "
     "ISO "
     "3166-1)\n"
     "policy.json:6: networks.d.asns[0]: must be an AS number, from 1 to 4294967295\n"
     "policy.json:6: networks.d.asns[1]: must be an AS number, from 1 to 4294967295\n"
     "policy.json:6: networks.d.asns[2]: must be an AS number, from 1 to 4294967295\n"},
    {"networks of networks", kOrganization, kProfiles,
     ",\n\"networks\": {\"own\": [\"network:own\"],\n\"a\": [\"::1\", \"network:b\"],\n"
     "\"b\": {\"asns\": [1], \"ranges\": [\"::2\",\n\"network:c\"]},\n"
     "\"c\": [\"network:x\", \"network:a\",\n\"network:c\", \"network:\"],\n"
     "\"d\": [\"network:a\", \"network:own\"]}",
     "policy.json:4: networks.own[0]: the network is made of itself: own -> own\n"
     "policy.json:5: networks.a[1]: the network is made of itself: a -> b -> c -> a\n"
     "policy.json:8: networks.c[0]: there is no network \"x\" in networks\n"
     "policy.json:9: networks.c[3]: there is no network \"\" in networks\n"},
    {"users", kOrganization, kProfiles, ",\n\"users\": {\"a\": \"q\",\n\"b\": null, \"\": \"p\"}",
     "policy.json:4: users.a: there is no profile \"q\" in profiles\n"
     "policy.json:5: users.: is a key that is empty or holds a control character\n"
     "policy.json:5: users.b: must be a string, not null\n"},
    {"apps", kOrganization, kProfiles,
     ",\n\"apps\": {\"a\": {\"ip_relaxation\": \"Relax\", \"protocols\": [\"oauth\", \"ldap\"]},\n"
     "\"b\": {\"trusted_ip_ranges\": [], \"trusted_ip_ranges_effect\": \"widen\"},\n"
     "\"c\": {\"protocols\": [], \"name\": \"\"}, \"d\": 1}",
     "policy.json:4: apps.a.ip_relaxation: \"Relax\" is not one of \"enforce\", "
     "\"relax_for_refresh_tokens\", \"relax_for_activated_devices\", \"relax\"\n"
     "policy.json:4: apps.a.protocols[1]: \"ldap\" is not one of \"oauth\", \"saml\"\n"
     "policy.json:5: apps.b.trusted_ip_ranges: must not be empty; a list that lost its values must "
     "not "
     "open the door\n"
     "policy.json:5: apps.b.trusted_ip_ranges_effect: \"widen\" is not one of \"replace\", "
     "\"bypass\"\n"
     "policy.json:6: apps.c.protocols: must not be empty; a list that lost its values must not "
     "open the "
     "door\n"
     "policy.json:6: apps.c.name: must not be empty or hold a control character\n"
     "policy.json:6: apps.d: must be an object, not a number\n"},
    {"names that read like members of others", kOrganization, kProfiles,
     ",\n\"apps\": {\"web\": {\"name\": \"\"},\n\"web.name\": {}},\n\"\": 1",
     "policy.json:4: apps.web.name: must not be empty or hold a control character\n"
     "policy.json:6: is not a known key; known here: ipfence, organization, networks, profiles, "
     "users, users_file, apps\n"},
    {"NUL bytes", R"({"default_profile": "p\u0000"})",
     "{\"p\": {\"login_ip_ranges\": [\"192.0.2.1\\u0000\"]}}",
     ",\n\"users\": {\"a\": \"p\\u0000\", \"b\": \"q\"},\n\"apps\": {\"a\": {\"name\": "
     "\"\\u0000\"}}",
     "policy.json:2: organization.default_profile: must not be empty or hold a control character\n"
     "policy.json:3: profiles.p.login_ip_ranges[0]: must not be empty or hold a control character\n"
     "policy.json:4: users.a: must not be empty or hold a control character\n"
     "policy.json:4: users.b: there is no profile \"q\" in profiles\n"
     "policy.json:5: apps.a.name: must not be empty or hold a control character\n"},
    {"protocols behind what is none", kOrganization, kProfiles,
     ",\n\"apps\": {\"a\": {\"protocols\": [\"oauth\", 7,\n\"ldap\", \"ldap\",\n\"x\"]}}",
     "policy.json:4: apps.a.protocols[1]: must be a string, not a number\n"
     "policy.json:5: apps.a.protocols[2]: \"ldap\" is not one of \"oauth\", \"saml\"\n"
     "policy.json:5: apps.a.protocols[3]: \"ldap\" is given twice\n"
     "policy.json:6: apps.a.protocols[4]: \"x\" is not one of \"oauth\", \"saml\"\n"},
    {"keys given twice", kOrganization,
     "{\"p\": {\"unrestricted\": true},\n\"p\": {\"login_ip_ranges\": [\"192.0.2.1/24\"]}}",
     ",\n\"us\\u0065rs\": {}, \"users\": {}",
     "policy.json:4: profiles.p: is given twice, first on line 3\n"
     "policy.json:4: profiles.p.login_ip_ranges[0]: \"192.0.2.1/24\" has host bits set; write "
     "192.0.2.0/24 for the block, or the address alone\n"
     "policy.json:5: users: is given twice, first on line 5\n"},
    // threats.md F18: a user has one profile, and nothing to choose between two.
    {"a user of two profiles", kOrganization, kProfiles,
     ",\n\"users\": {\"a\": \"p\",\n\"a\": \"p\", \"b\": [\"p\", \"p\"]}",
     "policy.json:5: users.a: is given twice, first on line 4\n"
     "policy.json:5: users.b: must be a string, not an array\n"},
    {"missing users_file", kOrganization, kProfiles, ",\n\"users_file\": \"none.ndjson\"",
     "none.ndjson: cannot be opened: No such file or directory\n"},
};

class PolicyFaults : public testing::TestWithParam<Fault> {};

TEST_P(PolicyFaults, AreAllNamedWithTheirPlaces) {
    const TemporaryFiles files;
    const PolicyLoad load = files.load(document(GetParam()));
    EXPECT_FALSE(load.policy);
    EXPECT_EQ(files.text(load.errors), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(Table, PolicyFaults, testing::ValuesIn(kFaults), [](const auto &tested) {
    std::string name = tested.param.name;
    for (char &byte : name) {
        byte = byte == ' ' ? '_' : byte;
    }
    return name;
});

TEST(PolicyDocument, MustBeOneAndHaveAVersion) {
    const TemporaryFiles files;
    EXPECT_EQ(files.text(files.load("[1]").errors),
              "policy.json:1: must be an object, not an array\n");
    EXPECT_EQ(files.text(files.load("{}").errors),
              "policy.json:1: must have \"ipfence\": 1, the version of the format\n"
              "policy.json:1: must have profiles\n"
              "policy.json:1: must have organization, with a default_profile\n");
    for (const char *version : {"2", "\"1\"", "1.0", "true", "null"}) {
        const auto load =
            files.load(std::string("{\"ipfence\": ") + version +
                       R"(, "organization": {"default_profile": null}, "profiles": {}})");
        EXPECT_EQ(
            files.text(load.errors),
            "policy.json:1: ipfence: must be 1, the only version of the format that is known\n");
    }
}

TEST(PolicyWarnings, AreForWhatIsLegalAndSuspicious) {
    const TemporaryFiles files;
    const PolicyLoad load = files.load(R"({"ipfence": 1, "organization": {"default_profile": "p"},
"profiles": {"p": {"login_ip_ranges": ["0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/29", "9.0.0.0/7"]}},
"apps": {"a": {"run_as": "nobody"}}})");
    EXPECT_FALSE(load.policy);
    const PolicyLoad good = files.load(R"({"ipfence": 1, "organization": {"default_profile": "p"},
"profiles": {"p": {"login_ip_ranges": ["0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/29", "8.0.0.0/7"]}},
"apps": {"a": {"run_as": "nobody"}}})");
    ASSERT_TRUE(good.policy) << files.text(good.errors);
    constexpr const char *kWide =
        "is wider than a /8 (IPv4) or /29 (IPv6); is that what is meant?\n";
    EXPECT_EQ(files.text(good.warnings),
              std::string("policy.json:2: profiles.p.login_ip_ranges[0]: \"0.0.0.0/0\" ") + kWide +
                  "policy.json:2: profiles.p.login_ip_ranges[2]: \"::/0\" " + kWide +
                  "policy.json:2: profiles.p.login_ip_ranges[4]: \"8.0.0.0/7\" " + kWide +
                  "policy.json:2: profiles.p.login_ip_ranges: 8.0.0.0/7 is inside 0.0.0.0/0 of the "
                  "same list, and so are 2 more ranges of it in others\n"
                  "policy.json:3: apps.a.run_as: \"nobody\" is not listed in users, so the "
                  "default_profile applies to it\n");
}

}  // namespace
}  // namespace ipfence::policy_faults_test
