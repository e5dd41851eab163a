// A compiled policy with the right checksum and one field that no policy has.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "engine/policy/policy_builder.hpp"
#include "engine/policy/policy_image.hpp"

namespace ipfence::forged_policy_test {
namespace {

std::vector<AddressRange> some_ranges() {
    return {AddressRange::parse("192.0.2.0/24").value()};
}

OriginSettings some_origins() {
    return {.countries = {*CountryCode::parse("DE")}, .as_numbers = {AsNumber{64496}}};
}

AppSettings app(const char *client_id, RangesNumber ranges) {
    AppSettings settings;
    settings.client_id = client_id;
    settings.name = "Web";
    settings.run_as = "robot";
    settings.trusted_ip_ranges = ranges;
    settings.trusted_origins = some_origins();
    return settings;
}

// One that has some of everything.
Image whole_policy() {
    PolicyBuilder builder;
    const RangesNumber ranges = builder.add_ranges(some_ranges());
    const auto office = builder.add_profile({"office", false, ranges, some_origins()});
    const auto branch = builder.add_profile({"branch", false, ranges, some_origins()});
    builder.add_user("alice", office);
    builder.add_user("bob", branch);
    builder.add_app(app("web", ranges));
    builder.add_app(app("mobile", ranges));
    OrganizationSettings organization;
    organization.default_profile = office;
    organization.default_app = app("", ranges);
    organization.user_claims = {"email", "sub"};
    organization.profile_claim = "group";
    organization.verification_claims = {{"mfa"}, {"strong"}};
    builder.set_organization(organization);
    return builder.build().value()->image();
}

class ForgedPolicy : public testing::Test {
  protected:
    const PolicyHeader &header() const { return image_.begin<PolicyHeader>(); }
    const OrganizationRecord &organization() const { return header().organization; }
    const Profile &profile() const { return header().profiles.view().back(); }
    const App &app() const { return header().apps.view().back(); }

    // Whether it is taken up with this number where a value begins.
    template <class Number, class Value>
    bool opens_with(const Value &value, Number number, std::size_t offset = 0) const {
        const auto bytes = image_.bytes();
        std::vector<std::byte> forged(bytes.begin(), bytes.end());
        const auto at =
            static_cast<std::size_t>(reinterpret_cast<const std::byte *>(&value) - bytes.data());
        std::memcpy(forged.data() + at + offset, &number, sizeof(number));
        const PolicyHeader::Checksum checksum = checksum_of(forged);
        std::memcpy(forged.data() + offsetof(PolicyHeader, checksum), &checksum, sizeof(checksum));
        return static_cast<bool>(Policy::open(Image::copy_of(forged)));
    }

    // A pointer, or what begins with one, that leads out of the image.
    template <class Value>
    bool opens_with_stray(const Value &value) const {
        return opens_with(value, kStray);
    }

    // The distance from a pointer to a record.
    template <class Pointer, class Record>
    static std::int32_t distance(const Pointer &from, const Record &to) {
        return static_cast<std::int32_t>(reinterpret_cast<const std::byte *>(&to) -
                                         reinterpret_cast<const std::byte *>(&from));
    }

    static constexpr std::int32_t kStray = std::int32_t{1} << 30;
    static constexpr std::size_t kListSize = 4;  ///< where a list says how long it is

    Image image_ = whole_policy();
};

TEST_F(ForgedPolicy, WithNoFieldChangedOpens) {
    EXPECT_TRUE(opens_with(profile().unrestricted, true));
    EXPECT_TRUE(opens_with(app().saml, true));
}

// Another profile and an app have the same ranges, and are sound.
TEST_F(ForgedPolicy, WithOneOfSeveralAlikeListsChangedIsRefused) {
    constexpr std::array<std::size_t, 6> kWordsThatLookupsRead{0, 2, 3, 6, 7, 8};
    static_assert(sizeof(RangeSet) == 9 * sizeof(std::uint32_t));
    for (const std::size_t word : kWordsThatLookupsRead) {
        const std::size_t offset = word * sizeof(std::uint32_t);
        EXPECT_FALSE(opens_with(profile().login_ip_ranges, kStray, offset)) << word;
        EXPECT_FALSE(opens_with(app().trusted_ip_ranges, kStray, offset)) << word;
    }
}

TEST_F(ForgedPolicy, WithAnotherBeginningIsNone) {
    EXPECT_FALSE(opens_with(header().magic, 'I'));
    const auto image = Image::copy_of(image_.bytes().first(header().magic.size() - 1));
    EXPECT_EQ(Policy::open(image).error().message, "is cut short");
}

TEST_F(ForgedPolicy, WithAListOutsideItIsRefused) {
    EXPECT_FALSE(opens_with_stray(header().profiles));
    EXPECT_FALSE(opens_with_stray(header().apps));
    EXPECT_FALSE(opens_with_stray(organization().user_claims));
    EXPECT_FALSE(opens_with_stray(organization().amr));
    EXPECT_FALSE(opens_with_stray(organization().acr));
    EXPECT_FALSE(opens_with_stray(profile().login_ip_ranges));
    EXPECT_FALSE(opens_with_stray(profile().login_origins));
    EXPECT_FALSE(opens_with_stray(app().trusted_ip_ranges));
    EXPECT_FALSE(opens_with_stray(app().trusted_origins));
}

TEST_F(ForgedPolicy, WithATextOutsideItIsRefused) {
    EXPECT_FALSE(opens_with_stray(profile().name));
    EXPECT_FALSE(opens_with_stray(app().client_id));
    EXPECT_FALSE(opens_with_stray(app().name));
    EXPECT_FALSE(opens_with_stray(app().run_as));
    EXPECT_FALSE(opens_with_stray(organization().profile_claim));
    EXPECT_FALSE(opens_with_stray(organization().user_claims.view().back()));
    EXPECT_FALSE(opens_with_stray(organization().amr.view().back()));
    EXPECT_FALSE(opens_with_stray(organization().acr.view().back()));
}

// To read a bool that is neither, or an enumerator that does not exist, is undefined.
TEST_F(ForgedPolicy, WithAValueThatDoesNotExistIsRefused) {
    constexpr unsigned char kNeither = 2;
    constexpr unsigned char kNoEnumerator = 7;
    EXPECT_FALSE(opens_with(profile().unrestricted, kNeither));
    EXPECT_FALSE(opens_with(app().oauth, kNeither));
    EXPECT_FALSE(opens_with(app().saml, kNeither));
    EXPECT_FALSE(opens_with(app().has_trusted_ip_ranges, kNeither));
    EXPECT_FALSE(opens_with(app().ip_relaxation, kNoEnumerator));
    EXPECT_FALSE(opens_with(app().trusted_ip_ranges_effect, kNoEnumerator));
    EXPECT_FALSE(opens_with(organization().continuous_ip_enforcement, kNeither));
    EXPECT_FALSE(opens_with(organization().sensitive_operations, kNoEnumerator));
}

TEST_F(ForgedPolicy, WithTheLastValueThatExistsOpens) {
    EXPECT_TRUE(opens_with(app().ip_relaxation, Relaxation::relax));
    EXPECT_TRUE(opens_with(app().trusted_ip_ranges_effect, TrustedRangesEffect::bypass));
    EXPECT_TRUE(
        opens_with(organization().sensitive_operations, SensitiveOperations::outside_ranges));
}

TEST_F(ForgedPolicy, WhoseDefaultProfileIsNoneOfItsOwnIsRefused) {
    const auto &pointer = organization().default_profile;
    EXPECT_TRUE(opens_with(pointer, distance(pointer, profile())));
    EXPECT_TRUE(opens_with(pointer, std::int32_t{0})) << "unlisted users are not restricted";
    EXPECT_FALSE(opens_with_stray(pointer));
    EXPECT_FALSE(opens_with(pointer, distance(pointer, *(&profile() + 1))));
    EXPECT_FALSE(opens_with(pointer, distance(pointer, profile().login_ip_ranges)));
}

TEST_F(ForgedPolicy, WhoseDefaultAppIsNoneIsRefused) {
    const auto &pointer = organization().default_app;
    EXPECT_TRUE(opens_with(pointer, std::int32_t{0})) << "unlisted apps relax nothing";
    EXPECT_FALSE(opens_with_stray(pointer));
    EXPECT_FALSE(opens_with(pointer, distance(pointer, profile().login_ip_ranges)));
    EXPECT_FALSE(opens_with_stray(pointer.get()->run_as));
    EXPECT_FALSE(opens_with_stray(pointer.get()->trusted_ip_ranges));
}

TEST_F(ForgedPolicy, WithoutAClaimThatNamesTheUserIsRefused) {
    EXPECT_TRUE(opens_with(organization().user_claims, std::uint32_t{1}, kListSize));
    EXPECT_FALSE(opens_with(organization().user_claims, std::uint32_t{0}, kListSize));
    EXPECT_TRUE(opens_with(organization().amr, std::uint32_t{0}, kListSize));
}

// Names lead to records by number.
TEST_F(ForgedPolicy, WithANameOfNoRecordIsRefused) {
    EXPECT_FALSE(opens_with(header().profiles, std::uint32_t{1}, kListSize));
    EXPECT_FALSE(opens_with(header().apps, std::uint32_t{1}, kListSize));
    constexpr std::size_t kPilots = 16;
    EXPECT_FALSE(opens_with(header().profile_names, INT32_MAX, kPilots));
    EXPECT_FALSE(opens_with(header().users, INT32_MAX, kPilots));
    EXPECT_FALSE(opens_with(header().client_ids, INT32_MAX, kPilots));
}

}  // namespace
}  // namespace ipfence::forged_policy_test
