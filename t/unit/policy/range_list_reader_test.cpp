#include <gtest/gtest.h>

#include <string>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::range_list_reader_test {
namespace {

constexpr std::string_view kNetworks = R"("hq": ["192.0.2.0/24"],
    "desk": ["192.0.2.7"],
    "abroad": {"ranges": ["2001:db8::/32"], "countries": ["DE"]})";

class ListsOfNetworks : public testing::Test {
  protected:
    // A policy in which two profiles and an app have the same list, of these entries.
    PolicyLoad load(const std::string &list) {
        return files_.load(R"({"ipfence": 1, "organization": {"default_profile": null},
"networks": {)" + std::string(kNetworks) +
                           R"(},
"profiles": {"one": {"login_ip_ranges": [)" +
                           list + R"(]},
"two": {"login_ip_ranges": [)" +
                           list + R"(]}},
"apps": {"app": {"ip_relaxation": "relax_for_activated_devices",
"trusted_ip_ranges": [)" + list +
                           R"(]}}})");
    }

    TemporaryFiles files_;
};

TEST_F(ListsOfNetworks, AreSharedByAllThatHaveThem) {
    for (const char *list : {R"("network:hq", "network:abroad")", R"("network:hq", "::1")"}) {
        const PolicyLoad loaded = load(list);
        ASSERT_TRUE(loaded.policy) << files_.text(loaded.errors);
        const RangeSet &one = loaded.policy->find_profile("one")->login_ip_ranges;
        const RangeSet &two = loaded.policy->find_profile("two")->login_ip_ranges;
        const RangeSet &of_app = loaded.policy->find_app("app")->trusted_ip_ranges;
        EXPECT_TRUE(one.identity() == two.identity() && two.identity() == of_app.identity());
    }
}

TEST_F(ListsOfNetworks, HaveTheirOriginsInEachPlace) {
    const PolicyLoad loaded = load(R"("network:abroad")");
    ASSERT_TRUE(loaded.policy) << files_.text(loaded.errors);
    for (const OriginSet *origins : {&loaded.policy->find_profile("one")->login_origins,
                                     &loaded.policy->find_profile("two")->login_origins,
                                     &loaded.policy->find_app("app")->trusted_origins}) {
        ASSERT_EQ(origins->countries().size(), 1U);
        EXPECT_EQ(origins->countries()[0].text(), "DE");
    }
}

TEST_F(ListsOfNetworks, OfOtherNetworksAreOtherLists) {
    const PolicyLoad loaded = files_.load(R"({"ipfence": 1,
        "organization": {"default_profile": null},
        "networks": {"a": ["192.0.2.0/24"], "b": ["198.51.100.0/24"]},
        "profiles": {"a": {"login_ip_ranges": ["network:a"]},
                     "b": {"login_ip_ranges": ["network:b"]},
                     "both": {"login_ip_ranges": ["network:a", "network:b"]}}})");
    ASSERT_TRUE(loaded.policy) << files_.text(loaded.errors);
    const auto has = [&](const char *profile, const char *address) {
        return loaded.policy->find_profile(profile)->login_ip_ranges.contains(
            *Address::parse(address));
    };
    EXPECT_TRUE(has("a", "192.0.2.1") && !has("a", "198.51.100.1"));
    EXPECT_TRUE(!has("b", "192.0.2.1") && has("b", "198.51.100.1"));
    EXPECT_TRUE(has("both", "192.0.2.1") && has("both", "198.51.100.1"));
}

TEST_F(ListsOfNetworks, AreWarnedOfInEachPlace) {
    const PolicyLoad loaded = load(R"("network:hq", "network:desk")");
    EXPECT_TRUE(loaded.policy) << files_.text(loaded.errors);
    const std::string warnings = files_.text(loaded.warnings);
    for (const char *place : {"profiles.one.login_ip_ranges", "profiles.two.login_ip_ranges",
                              "apps.app.trusted_ip_ranges"}) {
        EXPECT_NE(warnings.find(std::string(place) +
                                ": 192.0.2.7 is inside 192.0.2.0/24 of the same list\n"),
                  std::string::npos)
            << place << '\n'
            << warnings;
    }
}

TEST_F(ListsOfNetworks, WithAFaultAreReportedInEachPlace) {
    for (const auto &[list, fault] :
         {std::pair(R"("network:hq", "network:none")", "there is no network \"none\" in networks"),
          std::pair(R"("network:hq", 7)", "must be a string, not a number"),
          std::pair(R"("network:hq", "network:")", "there is no network \"\" in networks")}) {
        const PolicyLoad loaded = load(list);
        EXPECT_FALSE(loaded.policy);
        const std::string errors = files_.text(loaded.errors);
        for (const char *place :
             {"profiles.one.login_ip_ranges[1]: ", "profiles.two.login_ip_ranges[1]: ",
              "apps.app.trusted_ip_ranges[1]: "}) {
            EXPECT_NE(errors.find(place + std::string(fault) + '\n'), std::string::npos)
                << place << '\n'
                << errors;
        }
    }
}

}  // namespace
}  // namespace ipfence::range_list_reader_test
