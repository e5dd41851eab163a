// Writes the policy of an invented organization: policy.json and users.ndjson in a directory.
//
//   write_organization DIRECTORY USERS APPS PROFILES RANGES

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>

#include "t/bench/organization.hpp"

using namespace ipfence;
using bench::OrganizationGenerator;

namespace {

std::optional<std::size_t> number(const char *text) {
    std::size_t value = 0;
    const char *end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    return error == std::errc{} && stop == end && value > 0 ? std::optional(value) : std::nullopt;
}

void write_policy(std::ostream &out, const OrganizationGenerator &organization) {
    out << "{\"ipfence\": 1,\n"
           " \"organization\": {\"default_profile\": \"profile-0\", "
           "\"continuous_ip_enforcement\": true},\n"
           " \"profiles\": {\n";
    for (std::size_t profile = 0; profile < organization.size().profiles; ++profile) {
        out << (profile == 0 ? "  \"" : ",\n  \"") << OrganizationGenerator::profile(profile)
            << "\": {\"login_ip_ranges\": [";
        bool is_first = true;
        for (const AddressRange &range : organization.ranges_of(profile)) {
            out << (is_first ? "\"" : ", \"") << range.text() << '"';
            is_first = false;
        }
        out << "]}";
    }
    out << "},\n \"users_file\": \"users.ndjson\",\n \"apps\": {\n";
    for (std::size_t app = 0; app < organization.size().apps; ++app) {
        out << (app == 0 ? "  \"" : ",\n  \"") << OrganizationGenerator::app(app)
            << "\": {\"ip_relaxation\": \"" << (app % 4 == 0 ? "relax" : "enforce") << "\"}";
    }
    out << "}}\n";
}

void write_users(std::ostream &out, const OrganizationGenerator &organization) {
    for (std::size_t user = 0; user < organization.size().users; ++user) {
        out << "{\"user\": \"" << OrganizationGenerator::user(user) << "\", \"profile\": \""
            << OrganizationGenerator::profile(organization.profile_of_user(user)) << "\"}\n";
    }
    out << "{\"users\": " << organization.size().users << "}\n";
}

}  // namespace

int main(int argc, char **argv) {
    std::array<std::size_t, 4> sizes{};
    for (std::size_t index = 0; index < sizes.size(); ++index) {
        const auto value = argc == 6 ? number(argv[index + 2]) : std::nullopt;
        if (!value) {
            std::fputs("usage: write_organization DIRECTORY USERS APPS PROFILES RANGES\n", stderr);
            return 2;
        }
        sizes[index] = *value;
    }
    const OrganizationGenerator organization({sizes[0], sizes[1], sizes[2], sizes[3]});
    const std::string directory = argv[1];
    std::ofstream policy(directory + "/policy.json");
    write_policy(policy, organization);
    std::ofstream users(directory + "/users.ndjson");
    write_users(users, organization);
    return policy.flush() && users.flush() ? 0 : 1;
}
