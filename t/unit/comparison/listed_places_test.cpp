#include "engine/comparison/listed_places.hpp"

#include <gtest/gtest.h>

#include "t/unit/comparison/policies.hpp"

namespace ipfence::listed_places_test {
namespace {

class Places : public testing::Test {
  protected:
    SharedPlaces of(const Policy &policy) {
        const Profile &office = *policy.find_profile("office");
        return places_.of(office.login_ip_ranges, office.login_origins);
    }

    KnownOrigins nowhere_;
    KnownPlaces places_{nowhere_};
};

TEST_F(Places, OfListsThatComeToTheSameAreOne) {
    const auto block = test::policy_with_ranges(R"("192.0.2.0/24")");
    const auto halves = test::policy_with_ranges(R"("192.0.2.128/25", "192.0.2.0/25")");
    const auto other = test::policy_with_ranges(R"("192.0.2.0/25")");
    EXPECT_EQ(&*of(*block), &*of(*block));
    EXPECT_EQ(&*of(*block), &*of(*halves));
    EXPECT_TRUE(of(*block) == of(*halves));
    EXPECT_FALSE(of(*block) == of(*other));
    EXPECT_TRUE(of(*block) < of(*other) || of(*other) < of(*block));
}

TEST_F(Places, OfNoListAreThoseOfAListThatHasNothing) {
    const auto unrestricted = test::policy_of(
        R"({"ipfence": 1, "organization": {"default_profile": "office"},
            "profiles": {"office": {"unrestricted": true}}})");
    EXPECT_EQ(&*of(*unrestricted), &*SharedPlaces());
    EXPECT_TRUE(of(*unrestricted)->cover.empty());
}

TEST_F(Places, OfListsThatDifferInACountryAreTwo) {
    const auto in_germany = test::policy_of(
        R"({"ipfence": 1, "organization": {"default_profile": "office"},
            "networks": {"n": {"ranges": ["192.0.2.0/24"], "countries": ["DE"]}},
            "profiles": {"office": {"login_ip_ranges": ["network:n"]},
                         "branch": {"login_ip_ranges": ["192.0.2.0/24"]}}})");
    const Profile &branch = *in_germany->find_profile("branch");
    EXPECT_FALSE(of(*in_germany) == places_.of(branch.login_ip_ranges, branch.login_origins));
    EXPECT_EQ(of(*in_germany)->countries.size(), 1U);
}

}  // namespace
}  // namespace ipfence::listed_places_test
