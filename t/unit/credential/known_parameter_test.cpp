#include "engine/credential/known_parameter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ipfence::known_parameter_test {
namespace {

TEST(KnownParameter, EachIsFoundByItsName) {
    for (std::size_t index = 0; index < kKnownParameterNames.size(); ++index) {
        const auto found = known_parameter(kKnownParameterNames[index]);
        ASSERT_TRUE(found) << kKnownParameterNames[index];
        EXPECT_EQ(index_of(*found), index);
    }
}

TEST(KnownParameter, NoOtherNameIsOne) {
    EXPECT_FALSE(known_parameter(""));
    for (const std::string_view known : kKnownParameterNames) {
        for (std::size_t at = 0; at < known.size(); ++at) {
            std::string other(known);
            other[at] = static_cast<char>(other[at] ^ 0x20);
            EXPECT_FALSE(known_parameter(other)) << other;
            const std::string_view beginning = known.substr(0, at);
            const bool is_known = std::ranges::count(kKnownParameterNames, beginning) != 0;
            EXPECT_EQ(known_parameter(beginning).has_value(), is_known) << beginning;
        }
        EXPECT_FALSE(known_parameter(std::string(known) + "s")) << known;
    }
}

TEST(KnownParameter, ASetHasWhatWasPutIn) {
    constexpr KnownParameters some{KnownParameter::code, KnownParameter::auth_req_id};
    EXPECT_TRUE(some.contains(KnownParameter::code));
    EXPECT_TRUE(some.contains(KnownParameter::auth_req_id));
    EXPECT_FALSE(some.contains(KnownParameter::token));
    EXPECT_TRUE(some.intersects({KnownParameter::token, KnownParameter::code}));
    EXPECT_FALSE(some.intersects({KnownParameter::token}));
}

}  // namespace
}  // namespace ipfence::known_parameter_test
