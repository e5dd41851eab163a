#include "engine/store/store_format.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/store/cluster.hpp"
#include "t/unit/memory/zone_memory.hpp"
#include "t/unit/store/test_format.hpp"

namespace ipfence::store_format_test {
namespace {

constexpr Instant kNow{1'800'000'000, 5000};
const Digest kKey = digest_of(1);

CredentialRecord credential() {
    CredentialRecord record;
    record.header.key = kKey;
    record.header.expires = kNow.monotonic + 3600;
    record.header.owner = 77;
    record.header.kind = static_cast<std::uint8_t>(CredentialKind::refresh_token);
    record.header.flags = CredentialRecord::kRefreshed;
    record.header.standing = Standing::learned;
    record.grant = digest_of(2);
    return record;
}

GrantRecord whole_grant() {
    GrantRecord record = grant("web", "alice", 3);
    EXPECT_TRUE(record.set_names("web", "alice", "staff"));
    record.header.key = kKey;
    record.header.expires = kNow.monotonic + 3600;
    record.header.owner = 0xfedcba98;
    record.header.standing = Standing::derived;
    record.set(GrantRecord::kDeviceTagged, true);
    record.set(GrantRecord::kProfileClaimed, true);
    record.set(GrantRecord::kRefreshed, true);
    record.device_tag[3] = 9;
    record.issued = 1'799'999'999;
    record.set_address(Address::parse("2001:db8::7"));
    return record;
}

template <class Record>
bool are_same(const Record &one, const Record &other) {
    return std::memcmp(&one, &other, sizeof(one)) == 0;
}

TEST(StoreFormat, OpensWhatItSealed) {
    const auto format = store_format();
    const auto opened = format.open_credential(kKey, *format.seal(credential(), kNow), kNow);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(are_same(*opened, credential()));

    GrantRecord record = whole_grant();
    EXPECT_TRUE(are_same(*format.open_grant(kKey, *format.seal(record, kNow), kNow), record));
    record.set_address(Address::parse("192.0.2.7"));
    EXPECT_TRUE(are_same(*format.open_grant(kKey, *format.seal(record, kNow), kNow), record));
    record.set_address(std::nullopt);
    record.set(GrantRecord::kDeviceTagged, false);
    record.device_tag = {};
    EXPECT_TRUE(record.set_names(std::string(GrantRecord::kTextSize, 'a'), "", ""));
    EXPECT_TRUE(are_same(*format.open_grant(kKey, *format.seal(record, kNow), kNow), record));

    const Changes::Binding binding{digest_of(5), digest_of(6), kNow.monotonic + 9, 4};
    const auto bound =
        format.open_binding(digest_of(5), digest_of(6), *format.seal(binding, kNow), kNow);
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->expires, binding.expires);
    EXPECT_EQ(bound->owner, binding.owner);
}

TEST(StoreFormat, IsSmallAndNeverTheSameTwice) {
    const auto format = store_format();
    EXPECT_EQ(format.seal(credential(), kNow)->size(), 60U);
    EXPECT_EQ(format.seal(whole_grant(), kNow)->size(), Sealing::kOverhead + 19 + 16 + 16 + 3 + 13);
    EXPECT_NE(*format.seal(credential(), kNow), *format.seal(credential(), kNow));
}

TEST(StoreFormat, SaysNothingInTheClear) {
    const auto format = store_format();
    const std::string value = *format.seal(whole_grant(), kNow);
    EXPECT_EQ(value.find("alice"), std::string::npos);
    EXPECT_EQ(value.find("web"), std::string::npos);
}

// Lifetimes run on by the wall clock, on a machine that started at another time.
TEST(StoreFormat, KeepsTheTimeOnAnotherMachine) {
    const auto format = store_format();
    const std::string value = *format.seal(credential(), kNow);
    const auto open_at = [&](std::int64_t unix_time) {
        return format.open_credential(kKey, value, {unix_time, 100});
    };
    EXPECT_EQ(open_at(kNow.unix_time)->header.expires, 3700U);
    EXPECT_EQ(open_at(kNow.unix_time + 3599)->header.expires, 101U);
    EXPECT_FALSE(open_at(kNow.unix_time + 3600));
    EXPECT_FALSE(open_at(kNow.unix_time + 1'000'000));
    EXPECT_EQ(open_at(0)->header.expires, 100 + Memory::kMaxLifetime);
}

// A session lives as long as the last of what it received: the others stay with it.
TEST(StoreFormat, ABindingHoldsAsLongAsItsSession) {
    const auto format = store_format();
    const Changes::Binding binding{digest_of(5), digest_of(6), kNow.monotonic + 9, 4};
    const Instant later{kNow.unix_time + 1000, kNow.monotonic + 1000};
    const auto bound =
        format.open_binding(digest_of(5), digest_of(6), *format.seal(binding, kNow), later);
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->expires, later.monotonic);
}

// L12, L15.
TEST(StoreFormat, RefusesAValueUnderAnyOtherName) {
    const auto format = store_format();
    const std::string value = *format.seal(credential(), kNow);
    const std::string grant_value = *format.seal(whole_grant(), kNow);
    const Changes::Binding binding{digest_of(5), digest_of(6), kNow.monotonic + 9, 4};
    const std::string bound = *format.seal(binding, kNow);

    EXPECT_FALSE(format.open_credential(digest_of(9), value, kNow));
    EXPECT_FALSE(format.open_grant(digest_of(9), grant_value, kNow));
    EXPECT_FALSE(format.open_grant(kKey, value, kNow));
    EXPECT_FALSE(format.open_credential(kKey, grant_value, kNow));
    EXPECT_FALSE(format.open_binding(digest_of(6), digest_of(6), bound, kNow));
    EXPECT_FALSE(format.open_binding(digest_of(5), digest_of(5), bound, kNow));
    EXPECT_FALSE(format.open_credential(digest_of(5), bound, kNow));
    EXPECT_FALSE(store_format('A', "other:").open_credential(kKey, value, kNow));
    EXPECT_FALSE(store_format('A', "").open_grant(kKey, grant_value, kNow));
    EXPECT_FALSE(store_format('B').open_credential(kKey, value, kNow));
}

template <class Open>
void expect_that_damage_is_refused(const std::string &value, const Open &open) {
    ASSERT_TRUE(open(value));
    for (std::size_t size = 0; size < value.size(); ++size) {
        EXPECT_FALSE(open(value.substr(0, size))) << size;
    }
    for (std::size_t at = 0; at < value.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = value;
            flipped[at] = static_cast<char>(flipped[at] ^ 1 << bit);
            EXPECT_FALSE(open(flipped)) << at;
        }
    }
    EXPECT_FALSE(open(value + '\0'));
    EXPECT_FALSE(open(value + value));
    std::string other_format = value;
    other_format[0] = static_cast<char>(Sealing::kFormat + 1);
    EXPECT_FALSE(open(other_format));
}

TEST(StoreFormat, RefusesEveryTruncationAndEveryFlippedBit) {
    const auto format = store_format();
    expect_that_damage_is_refused(*format.seal(credential(), kNow), [&](std::string_view value) {
        return format.open_credential(kKey, value, kNow);
    });
    expect_that_damage_is_refused(*format.seal(whole_grant(), kNow), [&](std::string_view value) {
        return format.open_grant(kKey, value, kNow);
    });
    const Changes::Binding binding{digest_of(5), digest_of(6), kNow.monotonic + 9, 4};
    expect_that_damage_is_refused(*format.seal(binding, kNow), [&](std::string_view value) {
        return format.open_binding(digest_of(5), digest_of(6), value, kNow);
    });
}

TEST(StoreNames, AreThePrefixALetterAndHexadecimalDigits) {
    const StoreNames names("ipfence:");
    const Digest key = digest_of_hex("00112233445566778899aabbccddeeff");
    EXPECT_EQ(names.credential(key), "ipfence:c:{00112233445566778899aabbccddeeff}");
    EXPECT_EQ(names.grant(key), "ipfence:g:{00112233445566778899aabbccddeeff}");
    EXPECT_EQ(names.session(key), "ipfence:s:{00112233445566778899aabbccddeeff}");
    EXPECT_EQ(names.generation(), "ipfence:generation");
    EXPECT_EQ(names.events(), "ipfence:events");
    EXPECT_EQ(cluster_slot_of(names.grant(key)), cluster_slot_of(hex_of(key)));
}

TEST(StoreNames, AreReadBackStrictly) {
    EXPECT_EQ(digest_of_hex(hex_of(digest_of(3))), digest_of(3));
    for (const char *none :
         {"", "00112233445566778899aabbccddeef", "00112233445566778899AABBCCDDEEFF",
          "00112233445566778899aabbccddeeffa", "g0112233445566778899aabbccddeeff",
          "00112233445566778899aabbccddee f"}) {
        EXPECT_FALSE(digest_of_hex(none)) << none;
    }
}

TEST(StoreNames, HaveAPrefixThatMeansNothingToRedis) {
    for (const char *prefix : {"", "ipfence:", "gate-1_A.b:"}) {
        EXPECT_TRUE(StoreNames::is_prefix(prefix)) << prefix;
    }
    for (const char *prefix : {"{a}", "a b", "a*", "a\r\n", "a?", "a[", "\x80"}) {
        EXPECT_FALSE(StoreNames::is_prefix(prefix)) << prefix;
    }
    EXPECT_FALSE(StoreNames::is_prefix(std::string(65, 'a')));
}

}  // namespace
}  // namespace ipfence::store_format_test
