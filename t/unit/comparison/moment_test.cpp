#include "engine/comparison/moment.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace ipfence::moment_test {
namespace {

template <class Is>
Moments moments_that(Is is) {
    Moments moments;
    for (std::size_t number = 0; number < kMoments; ++number) {
        moments[number] = is(moment_of(number));
    }
    return moments;
}

const Moments kAll = moments_that([](const Moment &) { return true; });

TEST(Moment, EachNumberIsAnotherMoment) {
    std::set<std::tuple<Operation, Flow, bool, bool>> moments;
    for (std::size_t number = 0; number < kMoments; ++number) {
        const auto [operation, flow, refreshed, device_activated] = moment_of(number);
        moments.emplace(operation, flow, refreshed, device_activated);
    }
    EXPECT_EQ(moments.size(), kMoments);
}

TEST(Moment, TextsAreShort) {
    EXPECT_EQ(text_of(kAll, kAll), "any operation: any flow");
    EXPECT_EQ(text_of(moments_that([](const Moment &moment) {
                          return moment.operation == Operation::access && moment.refreshed;
                      }),
                      kAll),
              "access: any flow (refreshed)");
    EXPECT_EQ(text_of(moments_that([](const Moment &moment) {
                          return !is_sensitive(moment.operation) && !moment.device_activated &&
                                 (moment.flow == Flow::web_server || moment.flow == Flow::device);
                      }),
                      kAll),
              "login, refresh, access: web_server, device (device not activated)");
    EXPECT_EQ(text_of(moments_that([](const Moment &moment) {
                          return moment.operation == Operation::login
                                     ? moment.flow == Flow::direct
                                     : moment.operation == Operation::access &&
                                           (moment.flow == Flow::direct ||
                                            (moment.flow == Flow::unknown && moment.refreshed &&
                                             moment.device_activated));
                      }),
                      kAll),
              "login: direct; access: unknown (refreshed and activated), direct");
}

TEST(Moment, MostFlowsAreNamedByTheOthers) {
    EXPECT_EQ(text_of(moments_that([](const Moment &moment) {
                          return moment.operation == Operation::refresh &&
                                 moment.flow != Flow::jwt_bearer && moment.flow != Flow::unknown;
                      }),
                      kAll),
              "refresh: any flow but jwt_bearer, unknown");
}

TEST(Moment, AnyFlowIsAnyThatIsPossible) {
    const Moments possible =
        moments_that([](const Moment &moment) { return moment.flow != Flow::client_credentials; });
    EXPECT_EQ(text_of(possible, possible), "any operation: any flow");
    const Moments only =
        moments_that([](const Moment &moment) { return moment.flow == Flow::client_credentials; });
    EXPECT_EQ(text_of(only, only), "any operation: client_credentials");
}

}  // namespace
}  // namespace ipfence::moment_test
