#include "engine/policy/organization_reader.hpp"

#include <array>

#include "engine/policy/app_reader.hpp"
#include "engine/policy/json_value.hpp"
#include "engine/policy/profile_reference.hpp"

namespace ipfence {

namespace {

constexpr std::array<std::string_view, 7> kOrganizationKeys{"continuous_ip_enforcement",
                                                            "sensitive_operations",
                                                            "default_profile",
                                                            "default_app",
                                                            "user_claims",
                                                            "profile_claim",
                                                            "verification_claims"};

// null is a word here: users that the policy does not list are then not restricted.
std::optional<ProfileNumber> read_default_profile(Inspection &inspection,
                                                  const json_t *organization,
                                                  const PolicyBuilder &builder) {
    const json_t *value = json_object_get(organization, "default_profile");
    if (value == nullptr) {
        inspection.error(
            "must have default_profile: the profile of users that the policy does not "
            "list, or null to leave them unrestricted");
        return std::nullopt;
    }
    if (json_is_null(value)) {
        return std::nullopt;
    }
    const auto place = inspection.enter("default_profile");
    return named_profile(inspection, value, builder);
}

VerificationClaims read_verification_claims(Inspection &inspection, const json_t *value) {
    constexpr std::array<std::string_view, 2> kClaims{"amr", "acr"};
    VerificationClaims claims;
    if (!is_object(inspection, value, kClaims)) {
        return claims;
    }
    if (const json_t *amr = json_object_get(value, "amr")) {
        const auto place = inspection.enter("amr");
        claims.amr = texts_of(inspection, amr);
    }
    if (const json_t *acr = json_object_get(value, "acr")) {
        const auto place = inspection.enter("acr");
        claims.acr = texts_of(inspection, acr);
    }
    return claims;
}

void read_claims(Inspection &inspection, const json_t *value, OrganizationSettings &organization) {
    if (const json_t *claims = json_object_get(value, "user_claims")) {
        const auto place = inspection.enter("user_claims");
        organization.user_claims = texts_of(inspection, claims);
    }
    if (const json_t *claim = json_object_get(value, "profile_claim")) {
        const auto place = inspection.enter("profile_claim");
        organization.profile_claim = text_of(inspection, claim).value_or(std::string{});
    }
    if (const json_t *claims = json_object_get(value, "verification_claims")) {
        const auto place = inspection.enter("verification_claims");
        organization.verification_claims = read_verification_claims(inspection, claims);
    }
}

}  // namespace

OrganizationSettings read_organization(Inspection &inspection, const json_t *document,
                                       RangeListReader &lists, const PolicyBuilder &builder) {
    OrganizationSettings organization;
    const json_t *value = json_object_get(document, "organization");
    if (value == nullptr) {
        inspection.error("must have organization, with a default_profile");
        return organization;
    }
    const auto place = inspection.enter("organization");
    if (!is_object(inspection, value, kOrganizationKeys)) {
        return organization;
    }
    if (const json_t *continuous = json_object_get(value, "continuous_ip_enforcement")) {
        const auto member = inspection.enter("continuous_ip_enforcement");
        organization.continuous_ip_enforcement = boolean_of(inspection, continuous).value_or(false);
    }
    if (const json_t *mode = json_object_get(value, "sensitive_operations")) {
        const auto member = inspection.enter("sensitive_operations");
        organization.sensitive_operations = word_of(inspection, mode, kSensitiveOperationsNames)
                                                .value_or(SensitiveOperations::block_relaxed_apps);
    }
    organization.default_profile = read_default_profile(inspection, value, builder);
    if (const json_t *app = json_object_get(value, "default_app")) {
        const auto member = inspection.enter("default_app");
        organization.default_app = read_default_app(inspection, app, lists);
    }
    read_claims(inspection, value, organization);
    return organization;
}

}  // namespace ipfence
