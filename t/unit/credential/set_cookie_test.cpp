#include "engine/credential/set_cookie.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace ipfence::set_cookie_test {
namespace {

using std::string_view;

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z

// "NAME=VALUE", with "removed" or the lifetime.
std::string read(string_view line) {
    const auto cookie = parse_set_cookie(line, kNow);
    if (!cookie) {
        return "none";
    }
    const std::string text = std::string(cookie->name) + "=" + std::string(cookie->value);
    if (cookie->removes) {
        return text + " removed";
    }
    return text + (cookie->lifetime ? " for " + std::to_string(*cookie->lifetime) : "");
}

TEST(ParseSetCookie, ReadsNameValueAndLifetime) {
    EXPECT_EQ(read("sid=abc"), "sid=abc");
    EXPECT_EQ(read(" sid = abc ; Path=/; HttpOnly"), "sid=abc");
    EXPECT_EQ(read("\tsid\t=\tabc\t;\tMax-Age\t=\t60\t"), "sid=abc for 60");
    EXPECT_EQ(read("sid=abc; Max-Age=1"), "sid=abc for 1");
    EXPECT_EQ(read("sid=a=b; Max-Age=60"), "sid=a=b for 60");
    EXPECT_EQ(read("sid=abc; max-age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "sid=abc for 60");
    EXPECT_EQ(read("sid=abc; Expires=Fri, 15 Jan 2027 08:01:00 GMT"), "sid=abc for 60");
    EXPECT_EQ(read("sid=abc; expires=Fri, 15-Jan-2027 08:01:00 GMT"), "sid=abc for 60");
    EXPECT_EQ(read("sid=abc; Max-Age=60; Max-Age=70"), "sid=abc for 70");
    EXPECT_EQ(read("sid=abc; Max-Age=99999999999999999999"),
              "sid=abc for " + std::to_string(INT64_MAX));
}

// RFC 6265, section 5.1.1.
TEST(ParseSetCookie, AYearOfTwoDigitsIsNearTheEpoch) {
    EXPECT_EQ(read("sid=abc; Expires=Fri, 15-Jan-27 08:01:00 GMT"), "sid=abc for 60");
    EXPECT_EQ(read("sid=abc; Expires=Mon, 01-Jan-69 00:00:00 GMT"),
              "sid=abc for " + std::to_string(3'124'224'000 - kNow));
    EXPECT_EQ(read("sid=gone; Expires=Thu, 01-Jan-70 00:00:00 GMT"), "sid=gone removed");
    EXPECT_EQ(read("sid=gone; Expires=Fri, 31-Dec-99 23:59:59 GMT"), "sid=gone removed");
}

TEST(ParseSetCookie, KnowsARemoval) {
    EXPECT_EQ(read("sid="), "sid= removed");
    EXPECT_EQ(read("sid=gone; Max-Age=0"), "sid=gone removed");
    EXPECT_EQ(read("sid=gone; Max-Age=-1"), "sid=gone removed");
    EXPECT_EQ(read("sid=gone; Max-Age=-99999999999999999999"), "sid=gone removed");
    EXPECT_EQ(read("sid=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "sid=gone removed");
}

TEST(ParseSetCookie, IgnoresWhatItCannotRead) {
    EXPECT_EQ(read("sid"), "none");
    EXPECT_EQ(read("=abc"), "none");
    EXPECT_EQ(read(""), "none");
    EXPECT_EQ(read("sid=abc; Max-Age=soon; Expires=tomorrow; Max-Age"), "sid=abc");
    EXPECT_EQ(read("sid=abc; Expires=" + std::string(100, 'x')), "sid=abc");
    const auto with_spaces = [](std::size_t count) {
        return read("sid=abc; Expires=Fri," + std::string(count, ' ') + "15 Jan 2027 08:01:00 GMT");
    };
    EXPECT_EQ(with_spaces(11), "sid=abc for 60");
    EXPECT_EQ(with_spaces(12), "sid=abc") << "longer than any";
    EXPECT_EQ(read("sid=abc; Expires=Fri, 15 Jan 2027 08:01:00 GMT+1"), "sid=abc");
    EXPECT_EQ(read("sid=abc; Created=Thu, 01 Jan 1970 00:00:00 GMT; Age=60"), "sid=abc");
    EXPECT_EQ(read("sid=abc; Max-Age=60; Max-Age=70s; Max-Age=-"), "sid=abc for 60");
}

}  // namespace
}  // namespace ipfence::set_cookie_test
