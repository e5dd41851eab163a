#include <gtest/gtest.h>

#include "engine/decision/decision.hpp"

namespace ipfence {
namespace {

using Setting = Rule::Setting;

class RuleText : public ::testing::Test {
  protected:
    RuleText() {
        profile_.name = "standard";
        app_.client_id = "mobile";
    }

    std::string text_of(Setting setting, const App *app = nullptr) const {
        Decision decision;
        decision.rule.setting = setting;
        decision.profile = &profile_;
        decision.app = app;
        return formatted(decision);
    }

    // Both forms, which must agree.
    static std::string formatted(const Decision &decision) {
        char out[256];
        const std::string text(out, format_rule(decision, out));
        EXPECT_EQ(rule_text(decision), text);
        return text;
    }

    Profile profile_;
    App app_;
    App default_app_;
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
    EXPECT_EQ(text_of(Setting::ip_relaxation, &app_), "apps.mobile.ip_relaxation");
    EXPECT_EQ(text_of(Setting::trusted_ip_ranges, &app_), "apps.mobile.trusted_ip_ranges");
    EXPECT_EQ(text_of(Setting::ip_relaxation, &default_app_),
              "organization.default_app.ip_relaxation");
    EXPECT_EQ(text_of(Setting::trusted_ip_ranges, &default_app_),
              "organization.default_app.trusted_ip_ranges");
}

TEST_F(RuleText, IsTheRangeWhereOneDecided) {
    for (const std::string_view text :
         {"203.0.113.0/24", "192.0.2.4", "198.51.100.7-198.51.100.30", "2001:db8::/32"}) {
        const AddressRange range = AddressRange::parse(text).value();
        Decision decision;
        decision.rule = {Setting::login_ip_ranges, &range};
        decision.profile = &profile_;
        EXPECT_EQ(formatted(decision), text);
    }
}

TEST_F(RuleText, IsCutToTheSpaceThereIs) {
    Decision decision;
    decision.rule.setting = Setting::unrestricted;
    decision.profile = &profile_;
    const std::string whole = "profiles.standard.unrestricted";
    for (std::size_t size = 0; size <= whole.size() + 1; ++size) {
        std::string out(size, '#');
        const std::size_t length = format_rule(decision, out);
        EXPECT_EQ(out.substr(0, length), whole.substr(0, size));
    }
}

TEST_F(RuleText, IsNeverCutInsideACharacter) {
    profile_.name = "b\xc3\xbcro-\xe2\x82\xac";  // büro-€
    Decision decision;
    decision.rule.setting = Setting::unrestricted;
    decision.profile = &profile_;
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
    profile_.name = std::string(100'000, 'p');
    Decision decision;
    decision.rule.setting = Setting::unrestricted;
    decision.profile = &profile_;
    EXPECT_EQ(rule_text(decision), "profiles." + profile_.name + ".unrestricted");
}

}  // namespace
}  // namespace ipfence
