#include "engine/policy/policy_document.hpp"

#include <array>
#include <utility>

#include "engine/policy/app_reader.hpp"
#include "engine/policy/json_value.hpp"
#include "engine/policy/networks.hpp"
#include "engine/policy/organization_reader.hpp"
#include "engine/policy/profile_reference.hpp"
#include "engine/policy/range_list_reader.hpp"

namespace ipfence {

namespace {

constexpr json_int_t kFormatVersion = 1;

void check_version(Inspection &inspection, const json_t *document) {
    const json_t *version = json_object_get(document, "ipfence");
    if (version == nullptr) {
        inspection.error("must have \"ipfence\": 1, the version of the format");
        return;
    }
    const auto place = inspection.enter("ipfence");
    if (!json_is_integer(version) || json_integer_value(version) != kFormatVersion) {
        inspection.error("must be 1, the only version of the format that is known");
    }
}

bool is_unrestricted(Inspection &inspection, const json_t *value) {
    const auto place = inspection.enter("unrestricted");
    if (!json_is_true(value)) {
        inspection.error("must be true, or left out where login_ip_ranges stand");
    }
    return true;
}

ProfileSettings read_profile(Inspection &inspection, const char *name, const json_t *value,
                             RangeListReader &lists) {
    constexpr std::array<std::string_view, 2> kKeys{"login_ip_ranges", "unrestricted"};
    ProfileSettings profile;
    profile.name = name;
    if (!is_object(inspection, value, kKeys)) {
        return profile;
    }
    const json_t *ranges = json_object_get(value, "login_ip_ranges");
    const json_t *unrestricted = json_object_get(value, "unrestricted");
    if ((ranges == nullptr) == (unrestricted == nullptr)) {
        inspection.error("must have either login_ip_ranges or \"unrestricted\": true");
    }
    if (unrestricted != nullptr) {
        profile.unrestricted = is_unrestricted(inspection, unrestricted);
    }
    if (ranges != nullptr) {
        const auto place = inspection.enter("login_ip_ranges");
        ListedRanges list = lists.read(inspection, ranges);
        profile.login_ip_ranges = list.ranges;
        profile.login_origins = std::move(list.origins);
    }
    return profile;
}

void read_profiles(Inspection &inspection, const json_t *document, RangeListReader &lists,
                   PolicyBuilder &builder) {
    const json_t *profiles = json_object_get(document, "profiles");
    if (profiles == nullptr) {
        inspection.error("must have profiles");
        return;
    }
    const auto place = inspection.enter("profiles");
    if (!is_map(inspection, profiles)) {
        return;
    }
    const char *name;
    json_t *profile;
    json_object_foreach(const_cast<json_t *>(profiles), name, profile) {
        const auto member = inspection.enter(name);
        builder.add_profile(read_profile(inspection, name, profile, lists));
    }
}

void read_users(Inspection &inspection, const json_t *users, PolicyBuilder &builder) {
    const auto place = inspection.enter("users");
    if (!is_map(inspection, users)) {
        return;
    }
    const char *user;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(users), user, value) {
        const auto member = inspection.enter(user);
        const auto profile = named_profile(inspection, value, builder);
        builder.add_user(user, profile.value_or(ProfileNumber{}));
    }
}

void read_apps(Inspection &inspection, const json_t *apps, RangeListReader &lists,
               PolicyBuilder &builder) {
    const auto place = inspection.enter("apps");
    if (!is_map(inspection, apps)) {
        return;
    }
    const char *client_id;
    json_t *app;
    json_object_foreach(const_cast<json_t *>(apps), client_id, app) {
        const auto member = inspection.enter(client_id);
        builder.add_app(read_app(inspection, client_id, app, lists));
    }
}

Networks read_document_networks(Inspection &inspection, const json_t *document) {
    const json_t *networks = json_object_get(document, "networks");
    if (networks == nullptr) {
        return {};
    }
    const auto place = inspection.enter("networks");
    return read_networks(inspection, networks);
}

std::string read_users_file(Inspection &inspection, const json_t *document) {
    const json_t *file = json_object_get(document, "users_file");
    if (file == nullptr) {
        return {};
    }
    const auto place = inspection.enter("users_file");
    return text_of(inspection, file).value_or(std::string{});
}

}  // namespace

std::string read_policy_document(Inspection &inspection, const json_t *document,
                                 PolicyBuilder &builder) {
    constexpr std::array<std::string_view, 7> kKeys{
        "ipfence", "organization", "networks", "profiles", "users", "users_file", "apps"};
    if (!is_object(inspection, document, kKeys)) {
        return {};
    }
    check_version(inspection, document);
    RangeListReader lists(read_document_networks(inspection, document), builder);
    read_profiles(inspection, document, lists, builder);
    builder.set_organization(read_organization(inspection, document, lists, builder));
    if (const json_t *users = json_object_get(document, "users")) {
        read_users(inspection, users, builder);
    }
    if (const json_t *apps = json_object_get(document, "apps")) {
        read_apps(inspection, apps, lists, builder);
    }
    return read_users_file(inspection, document);
}

void check_run_as(Inspection &inspection, const json_t *document, const PolicyBuilder &builder) {
    const auto place = inspection.enter("apps");
    const char *client_id;
    json_t *app;
    json_object_foreach(json_object_get(document, "apps"), client_id, app) {
        const json_t *run_as = json_object_get(app, "run_as");
        if (!json_is_string(run_as) || builder.lists_user(view_of(run_as))) {
            continue;
        }
        const auto member = inspection.enter(client_id);
        const auto key = inspection.enter("run_as");
        inspection.warning("\"" + std::string(view_of(run_as)) +
                           "\" is not listed in users, so the default_profile applies to it");
    }
}

}  // namespace ipfence
