#include <gtest/gtest.h>

#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "t/unit/decision/every_case.hpp"

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
