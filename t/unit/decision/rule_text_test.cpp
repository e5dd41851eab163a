#include <gtest/gtest.h>

#include <memory>

#include "engine/decision/decision.hpp"
#include "engine/policy/policy_builder.hpp"

namespace ipfence::rule_text_test {
namespace {

using Setting = Rule::Setting;

class RuleText : public ::testing::Test {
  protected:
    RuleText() { name_profile("standard"); }

    // A policy with one profile of this name, the app `mobile` and a default_app.
    void name_profile(std::string_view name) {
        PolicyBuilder builder;
        builder.add_profile({std::string(name), true, {}});
        AppSettings mobile;
        mobile.client_id = "mobile";
        builder.add_app(std::move(mobile));
        OrganizationSettings organization;
        organization.default_app.emplace();
        builder.set_organization(std::move(organization));
        policy_ = std::move(builder.build()).value();
        profile_ = policy_->find_profile(name);
    }

    Decision decided_by(Setting setting, const App *app = nullptr) const {
        Decision decision;
        decision.rule.setting = setting;
        decision.profile = profile_;
        decision.app = app;
        return decision;
    }

    std::string text_of(Setting setting, const App *app = nullptr) const {
        return formatted(decided_by(setting, app));
    }

    // Both forms, which must agree.
    static std::string formatted(const Decision &decision) {
        char out[256];
        const std::string text(out, format_rule(decision, out));
        EXPECT_EQ(rule_text(decision), text);
        return text;
    }

    std::unique_ptr<const Policy> policy_;
    const Profile *profile_ = nullptr;
};

TEST_F(RuleText, NamesTheSettingsPlaceInThePolicy) {
    EXPECT_EQ(text_of(Setting::none), "");
    EXPECT_EQ(text_of(Setting::continuous_ip_enforcement),
              "organization.continuous_ip_enforcement");
    EXPECT_EQ(text_of(Setting::default_profile), "organization.default_profile");
    EXPECT_EQ(text_of(Setting::sensitive_operations), "organization.sensitive_operations");
    EXPECT_EQ(text_of(Setting::profile_claim), "organization.profile_claim");
    EXPECT_EQ(text_of(Setting::unrestricted), "profiles.standard.unrestricted");
    EXPECT_EQ(text_of(Setting::login_ip_ranges), "profiles.standard.login_ip_ranges");
    EXPECT_EQ(text_of(Setting::ip_relaxation, policy_->find_app("mobile")),
              "apps.mobile.ip_relaxation");
    EXPECT_EQ(text_of(Setting::trusted_ip_ranges, policy_->find_app("mobile")),
              "apps.mobile.trusted_ip_ranges");
    EXPECT_EQ(text_of(Setting::ip_relaxation, policy_->organization().default_app),
              "organization.default_app.ip_relaxation");
    EXPECT_EQ(text_of(Setting::trusted_ip_ranges, policy_->organization().default_app),
              "organization.default_app.trusted_ip_ranges");
}

TEST_F(RuleText, IsTheRangeWhereOneDecided) {
    for (const std::string_view text :
         {"203.0.113.0/24", "192.0.2.4", "192.0.2.4/32", "0.0.0.0/0", "255.255.255.255",
          "198.51.100.7-198.51.100.30", "100.100.100.100-200.200.200.200", "2001:db8::/32",
          "2001:db8::/128", "2001:db8:1000:2000:3000:4000:5000:6000/124",
          "2001:db8:1000:2000:3000:4000:5000:6000-2001:db8:1000:2000:3000:4000:5000:6001"}) {
        const AddressRange range = AddressRange::parse(text).value();
        PolicyBuilder builder;
        builder.add_profile({"standard", false, builder.add_ranges({{range}})});
        builder.set_organization({});
        const auto policy = std::move(builder.build()).value();
        Decision decision = decided_by(Setting::login_ip_ranges);
        decision.rule.match =
            policy->find_profile("standard")->login_ip_ranges.match(range.first());
        EXPECT_EQ(formatted(decision), text);
    }
}

TEST_F(RuleText, IsCutToTheSpaceThereIs) {
    const Decision decision = decided_by(Setting::unrestricted);
    const std::string whole = "profiles.standard.unrestricted";
    for (std::size_t size = 0; size <= whole.size() + 1; ++size) {
        std::string out(size, '#');
        const std::size_t length = format_rule(decision, out);
        EXPECT_EQ(out.substr(0, length), whole.substr(0, size));
    }
}

TEST_F(RuleText, OfARangeIsCutToTheSpaceThereIsToo) {
    const std::string whole = "203.0.113.0/24";
    PolicyBuilder builder;
    builder.add_profile(
        {"standard", false, builder.add_ranges({{AddressRange::parse(whole).value()}})});
    builder.set_organization({});
    const auto policy = std::move(builder.build()).value();
    Decision decision = decided_by(Setting::login_ip_ranges);
    decision.rule.match = policy->find_profile("standard")
                              ->login_ip_ranges.match(Address::parse("203.0.113.9").value());
    for (std::size_t size = 0; size <= AddressRange::kMaxTextLength + 1; ++size) {
        std::string out(size, '#');
        EXPECT_EQ(out.substr(0, format_rule(decision, out)), whole.substr(0, size));
    }
}

TEST_F(RuleText, IsNeverCutInsideACharacter) {
    name_profile("b\xc3\xbcro-\xe2\x82\xac");  // büro-€
    const Decision decision = decided_by(Setting::unrestricted);
    const auto cut_to = [&decision](std::size_t size) {
        std::string out(size, '#');
        return out.substr(0, format_rule(decision, out));
    };
    EXPECT_EQ(cut_to(11), "profiles.b") << "the first byte of two";
    EXPECT_EQ(cut_to(12), "profiles.b\xc3\xbc");
    EXPECT_EQ(cut_to(17), "profiles.b\xc3\xbcro-") << "two bytes of three";
    EXPECT_EQ(cut_to(18), "profiles.b\xc3\xbcro-\xe2\x82\xac");
    EXPECT_EQ(cut_to(19), "profiles.b\xc3\xbcro-\xe2\x82\xac.");
}

TEST_F(RuleText, OfALongNameIsWhole) {
    const std::string name(100'000, 'p');
    name_profile(name);
    const Decision decision = decided_by(Setting::unrestricted);
    EXPECT_EQ(rule_text(decision), "profiles." + name + ".unrestricted");
}

}  // namespace
}  // namespace ipfence::rule_text_test
