#include <gtest/gtest.h>

#include "engine/decision/explain.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence::origin_test {
namespace {

// Knows one address, and counts how often it is asked.
class Origins final : public OriginSource {
  public:
    AddressOrigin origin_of(Address address) const noexcept override {
        ++asked;
        return address == *Address::parse("192.0.2.1")
                   ? AddressOrigin{CountryCode::parse("DE"), AsNumber{64496}}
                   : AddressOrigin{};
    }
    mutable int asked = 0;
};

class Origin : public testing::Test {
  protected:
    void restrict_to(OriginSettings origins) {
        PolicyBuilder builder;
        const RangesNumber ranges =
            builder.add_ranges({{AddressRange::parse("203.0.113.0/24").value()}});
        const ProfileNumber profile =
            builder.add_profile({"office", false, ranges, std::move(origins)});
        OrganizationSettings organization;
        organization.default_profile = profile;
        builder.set_organization(std::move(organization));
        policy_ = std::move(builder.build()).value();
    }

    std::string verdict(const char *address, const OriginSource *origins) const {
        const Decision decision = decide(*policy_, request(address, origins));
        return std::string(name_of(decision.outcome)) + ' ' + rule_text(decision);
    }

    static DecisionRequest request(const char *address, const OriginSource *origins) {
        DecisionRequest request;
        request.client_address = Address::parse(address);
        request.user = "alice";
        request.origins = origins;
        return request;
    }

    const Origins origins_;
    std::unique_ptr<const Policy> policy_;
};

TEST_F(Origin, InsideACountryIsInsideTheRanges) {
    restrict_to({{*CountryCode::parse("AT"), *CountryCode::parse("DE")}, {}});
    EXPECT_TRUE(policy_->names_more_than(false, true));
    EXPECT_FALSE(policy_->names_more_than(true, false));
    EXPECT_EQ(verdict("192.0.2.1", &origins_), "allow country:DE");
    EXPECT_EQ(verdict("192.0.2.2", &origins_), "deny profiles.office.login_ip_ranges");
    EXPECT_EQ(verdict("192.0.2.1", nullptr), "deny profiles.office.login_ip_ranges");
}

TEST_F(Origin, InsideAnAutonomousSystemToo) {
    restrict_to({{*CountryCode::parse("FR")}, {AsNumber{1}, AsNumber{64496}}});
    EXPECT_EQ(verdict("192.0.2.1", &origins_), "allow asn:64496");
    restrict_to({{}, {AsNumber{1}}});
    EXPECT_EQ(verdict("192.0.2.1", &origins_), "deny profiles.office.login_ip_ranges");
}

TEST_F(Origin, IsAskedForOnlyWhereItMatters) {
    restrict_to({{*CountryCode::parse("DE")}, {}});
    EXPECT_EQ(verdict("203.0.113.7", &origins_), "allow 203.0.113.0/24");
    EXPECT_EQ(origins_.asked, 0);
    restrict_to({});
    EXPECT_FALSE(policy_->names_more_than(false, false));
    EXPECT_EQ(verdict("192.0.2.1", &origins_), "deny profiles.office.login_ip_ranges");
    EXPECT_EQ(origins_.asked, 0);
}

TEST_F(Origin, IsExplained) {
    restrict_to({{*CountryCode::parse("DE")}, {}});
    const Explanation explanation = explain(*policy_, request("192.0.2.1", &origins_));
    EXPECT_EQ(explanation.steps.back().finding, "Yes: 192.0.2.1 is in the country DE.");
}

TEST_F(Origin, ACountryIsTwoCapitalLetters) {
    for (const char *text : {"", "D", "de", "De", "DEU", "D1", "\xc3\x84"}) {
        EXPECT_FALSE(CountryCode::parse(text)) << text;
    }
    EXPECT_EQ(CountryCode::parse("DE")->text(), "DE");
}

}  // namespace
}  // namespace ipfence::origin_test
