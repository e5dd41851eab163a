#include "engine/decision/decide_all.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "t/unit/decision/every_case.hpp"
#include "t/unit/decision/example_policy.hpp"

namespace ipfence::test::decide_all_test {
namespace {

std::string rule_of(const Decision &decision) {
    const auto range = decision.rule.match.range();
    return range ? range->text() : std::string();
}

auto all_of(const Decision &decision) {
    return std::tuple(decision.outcome, decision.reason, decision.rule.setting, rule_of(decision),
                      decision.profile, decision.app);
}

// All requests of one policy, decided together and one at a time.
void expect_the_same(const Policy &policy, std::span<const DecisionRequest> requests) {
    std::vector<Decision> together(requests.size());
    decide_all(policy, requests, together);
    for (std::size_t index = 0; index < requests.size(); ++index) {
        ASSERT_EQ(all_of(together[index]), all_of(decide(policy, requests[index])))
            << "request " << index << " of " << requests.size();
    }
}

// More than are under way at a time.
constexpr std::size_t kRequests = 37;

TEST(DecideAll, DecidesAsDecideDoes) {
    for (const OrganizationSetting &setting : every_organization()) {
        std::vector<DecisionRequest> requests;
        for_each_case(setting, {}, [&requests](const Case &one) {
            requests.push_back(one.request);
            if (requests.size() == kRequests) {
                expect_the_same(one.policy, requests);
                requests.clear();
            }
        });
    }
}

// The ranges of one user and of the others are every fourth network of 10.0.0.0/8 each, so many
// that a search goes down a tree.
TEST(DecideAll, FindsEachUsersRangeAmongMany) {
    constexpr unsigned kNetworks = 2000;
    const auto network = [](unsigned number) {
        return "10." + std::to_string(number / 256) + '.' + std::to_string(number % 256) + '.';
    };
    ExamplePolicy example;
    std::vector<AddressRange> of_carol;
    std::vector<AddressRange> of_others;
    for (unsigned number = 0; number < kNetworks; number += 4) {
        of_carol.push_back(AddressRange::parse(network(number) + "0/24").value());
        of_others.push_back(AddressRange::parse(network(number + 2) + "0/24").value());
    }
    example.builder.add_user("carol", example.builder.add_profile(
                                          {"hers", false, example.builder.add_ranges(of_carol)}));
    example.organization.default_profile =
        example.builder.add_profile({"theirs", false, example.builder.add_ranges(of_others)});
    const std::unique_ptr<const Policy> policy = example.build();

    std::vector<DecisionRequest> requests;
    for (unsigned number = 0; number < kNetworks; ++number) {
        DecisionRequest request = login_from_outside();
        request.client_address = Address::parse(network(number) + '9');
        for (const std::string_view user : {"carol", "dave"}) {
            request.user = user;
            requests.push_back(request);
            EXPECT_EQ(decide(*policy, request).allowed(), number % 4 == (user == "carol" ? 0 : 2))
                << user << " from " << number;
        }
        request.claimed_profile = "hers";
        requests.push_back(request);
        EXPECT_EQ(decide(*policy, request).allowed(), number % 4 == 0) << "claimed, " << number;
    }
    expect_the_same(*policy, requests);
}

TEST(DecideAll, TakesAnyNumber) {
    const auto policy = make_policy(every_organization().front());
    DecisionRequest request;
    request.client_address = Address::parse("192.0.2.1");
    request.user = kRestrictedUser;
    for (std::size_t count = 0; count < 70; ++count) {
        std::vector<DecisionRequest> requests(count, request);
        if (count > 0) {
            requests.back().user.reset();
        }
        expect_the_same(*policy, requests);
    }
}

}  // namespace
}  // namespace ipfence::test::decide_all_test
