// What is said of all lists of a policy together: of its profiles, its apps and its default app.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/policy.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence::policy_lists_test {
namespace {

enum class Place { profile, app, default_app, nowhere };
constexpr Place kPlaces[] = {Place::profile, Place::app, Place::default_app};

// A policy in which one list names this.
std::unique_ptr<const Policy> policy_with(Place place, const OriginSettings &origins,
                                          std::string_view range = "192.0.2.0/24") {
    const std::vector<AddressRange> ranges{AddressRange::parse(range).value()};
    PolicyBuilder builder;
    const RangesNumber listed = builder.add_ranges(ranges);
    builder.add_profile({"empty", false, {}, {}});
    AppSettings app;
    app.client_id = "empty";
    builder.add_app(app);
    OrganizationSettings organization;
    switch (place) {
        case Place::profile:
            builder.add_profile({"office", false, listed, origins});
            break;
        case Place::app:
        case Place::default_app:
            app.trusted_ip_ranges = listed;
            app.trusted_origins = origins;
            break;
        case Place::nowhere:
            break;
    }
    if (place == Place::app) {
        app.client_id = "web";
        builder.add_app(app);
    } else if (place == Place::default_app) {
        organization.default_app = app;
    }
    builder.set_organization(organization);
    return builder.build().value();
}

TEST(PolicyLists, OverlapWithWhatOneOfThemHas) {
    const auto overlap = [](Place place, std::string_view asked) -> std::string {
        const auto range = policy_with(place, {})->find_overlap(AddressRange::parse(asked).value());
        return range ? range->text() : "none";
    };
    for (const Place place : kPlaces) {
        EXPECT_EQ(overlap(place, "192.0.2.128-192.0.3.7"), "192.0.2.0/24");
        EXPECT_EQ(overlap(place, "192.0.3.0/24"), "none");
    }
    EXPECT_EQ(overlap(Place::nowhere, "0.0.0.0/0"), "none");
}

TEST(PolicyLists, NameCountriesWhereOneDoes) {
    const OriginSettings countries{.countries = {*CountryCode::parse("DE")}, .as_numbers = {}};
    for (const Place place : kPlaces) {
        const auto policy = policy_with(place, countries);
        EXPECT_TRUE(policy->names_countries());
        EXPECT_FALSE(policy->names_systems());
        EXPECT_TRUE(policy->names_more_than(false, true));
        EXPECT_FALSE(policy->names_more_than(true, false));
    }
}

TEST(PolicyLists, NameSystemsWhereOneDoes) {
    const OriginSettings systems{.countries = {}, .as_numbers = {AsNumber{64496}}};
    for (const Place place : kPlaces) {
        const auto policy = policy_with(place, systems);
        EXPECT_FALSE(policy->names_countries());
        EXPECT_TRUE(policy->names_systems());
        EXPECT_FALSE(policy->names_more_than(false, true));
        EXPECT_TRUE(policy->names_more_than(true, false));
    }
}

TEST(PolicyLists, NameNeitherWhereNoneDoes) {
    for (const Place place : {Place::profile, Place::app, Place::default_app, Place::nowhere}) {
        const auto policy = policy_with(place, {});
        EXPECT_FALSE(policy->names_countries() || policy->names_systems());
        EXPECT_FALSE(policy->names_more_than(false, false));
    }
}

}  // namespace
}  // namespace ipfence::policy_lists_test
