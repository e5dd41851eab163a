#include "engine/credential/device_cookie.hpp"

#include <gtest/gtest.h>

namespace ipfence::device_cookie_test {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kOldKey(64, 'a');
const std::string kNewKey(64, 'b');

DeviceKeys keys(const std::string &text) {
    auto parsed = DeviceKeys::parse(text);
    EXPECT_TRUE(parsed.ok());
    return std::move(parsed).value();
}

constexpr DeviceTag kDevice{1, 2, 3};

TEST(DeviceCookie, SaysWhoseDeviceItIsAndUntilWhen) {
    const DeviceKeys signing = keys(kOldKey);
    const std::string cookie = make_device_cookie(signing, "alice", kDevice, kNow + 60);
    EXPECT_EQ(cookie.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    const auto device = read_device_cookie(signing, cookie, kNow);
    ASSERT_TRUE(device);
    EXPECT_EQ(device->device, kDevice);
    EXPECT_EQ(device->expires, kNow + 60);
    EXPECT_TRUE(is_device_of(signing, device->user_tag, "alice"));
    for (const char *other : {"bob", "Alice", "alice ", "", "alic"}) {
        EXPECT_FALSE(is_device_of(signing, device->user_tag, other)) << other;
    }
}

TEST(DeviceCookie, EndsAtItsTime) {
    const DeviceKeys signing = keys(kOldKey);
    const std::string cookie = make_device_cookie(signing, "alice", kDevice, kNow);
    EXPECT_TRUE(read_device_cookie(signing, cookie, kNow - 1));
    EXPECT_FALSE(read_device_cookie(signing, cookie, kNow));
    EXPECT_FALSE(read_device_cookie(signing, cookie, INT64_MAX));
    const std::string negative = make_device_cookie(signing, "alice", kDevice, -5);
    EXPECT_FALSE(read_device_cookie(signing, negative, 0));
}

TEST(DeviceCookie, EveryChangeIsRefused) {
    const DeviceKeys signing = keys(kOldKey);
    const std::string cookie = make_device_cookie(signing, "alice", kDevice, kNow + 60);
    for (std::size_t at = 0; at < cookie.size(); ++at) {
        for (const char other : {'A', 'b', '0', '-', '_', '+', '=', ' '}) {
            std::string changed = cookie;
            changed[at] = other;
            if (changed != cookie) {
                EXPECT_FALSE(read_device_cookie(signing, changed, kNow)) << at << other;
            }
        }
        EXPECT_FALSE(read_device_cookie(signing, cookie.substr(0, at), kNow)) << at;
    }
    EXPECT_FALSE(read_device_cookie(signing, cookie + "A", kNow));
    EXPECT_FALSE(read_device_cookie(signing, cookie + "=", kNow));
    EXPECT_FALSE(read_device_cookie(signing, std::string(100'000, 'A'), kNow));
}

TEST(DeviceCookie, KeysAreRotatedByPuttingANewOneAbove) {
    const DeviceKeys before = keys(kOldKey);
    const DeviceKeys during = keys(kNewKey + "\n" + kOldKey + "\n");
    const DeviceKeys after = keys(kNewKey);
    const std::string old_cookie = make_device_cookie(before, "alice", kDevice, kNow + 60);
    const std::string new_cookie = make_device_cookie(during, "alice", kDevice, kNow + 60);

    EXPECT_FALSE(read_device_cookie(before, new_cookie, kNow)) << "the new key signs";
    const auto device = read_device_cookie(during, old_cookie, kNow);
    ASSERT_TRUE(device) << "the old one still verifies";
    EXPECT_TRUE(is_device_of(during, device->user_tag, "alice"));
    EXPECT_FALSE(is_device_of(after, device->user_tag, "alice"));
    EXPECT_FALSE(read_device_cookie(after, old_cookie, kNow));
    EXPECT_TRUE(read_device_cookie(after, new_cookie, kNow));
}

TEST(DeviceKeys, ReadsAFile) {
    EXPECT_EQ(keys("# comment\n\n" + kOldKey + "\r\n" + kNewKey + kNewKey).keys().size(), 2U);
}

TEST(DeviceKeys, SaysWhatIsWrongAndNotWithWhat) {
    const auto fault = [](const std::string &text) {
        const auto parsed = DeviceKeys::parse(text);
        return parsed ? std::string("fine") : parsed.error().message;
    };
    EXPECT_EQ(fault(""), "the file has no key (openssl rand -hex 32)");
    EXPECT_EQ(fault("# only\n"), "the file has no key (openssl rand -hex 32)");
    EXPECT_EQ(fault(kOldKey + "\nabcd"),
              "line 2: a key has at least 64 hexadecimal digits (openssl rand -hex 32)");
    for (const std::string &bad :
         {std::string(63, 'a'), std::string(64, 'g'), std::string(64, 'a') + " ",
          std::string("aa:") + std::string(64, 'a')}) {
        EXPECT_EQ(fault(bad),
                  "line 1: a key is an even number of hexadecimal digits and nothing else (openssl "
                  "rand -hex 32)");
    }
}

}  // namespace
}  // namespace ipfence::device_cookie_test
