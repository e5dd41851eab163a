#include "engine/policy/origin_set.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "engine/image/image.hpp"

namespace ipfence::origin_set_test {
namespace {

const CountryCode kGermany = *CountryCode::parse("DE");
const CountryCode kAustria = *CountryCode::parse("AT");
constexpr AsNumber kOne{64496};
constexpr AsNumber kOther{64497};

class Origins {
  public:
    explicit Origins(const OriginSettings &settings) {
        ImageWriter writer;
        OriginSet::lay_out(writer, writer.add<OriginSet>(), settings);
        image_ = Image::copy_of(writer.take());
    }

    const OriginSet &set() const { return image_.begin<OriginSet>(); }
    std::size_t size() const { return image_.bytes().size(); }

  private:
    Image image_;
};

TEST(OriginSet, FindsTheCountryBeforeTheSystem) {
    const Origins origins({.countries = {kGermany}, .as_numbers = {kOne}});
    const auto both = origins.set().find({.country = kGermany, .as_number = kOne});
    EXPECT_EQ(both.country, kGermany);
    EXPECT_EQ(both.as_number, std::nullopt);
}

TEST(OriginSet, FindsTheSystemOfAnotherCountry) {
    const Origins origins({.countries = {kGermany}, .as_numbers = {kOne}});
    for (const AddressOrigin &origin : {AddressOrigin{.country = kAustria, .as_number = kOne},
                                        AddressOrigin{.as_number = kOne}}) {
        const auto found = origins.set().find(origin);
        EXPECT_EQ(found.country, std::nullopt);
        EXPECT_EQ(found.as_number, kOne);
    }
}

TEST(OriginSet, FindsNothingElse) {
    const Origins origins({.countries = {kGermany}, .as_numbers = {kOne}});
    for (const AddressOrigin &origin :
         {AddressOrigin{}, AddressOrigin{.country = kAustria}, AddressOrigin{.as_number = kOther},
          AddressOrigin{.country = kAustria, .as_number = kOther}}) {
        const auto found = origins.set().find(origin);
        EXPECT_EQ(found.country, std::nullopt);
        EXPECT_EQ(found.as_number, std::nullopt);
    }
}

TEST(OriginSet, OfOneKindFindsNoneOfTheOther) {
    const Origins countries({.countries = {kGermany}, .as_numbers = {}});
    EXPECT_EQ(countries.set().find({.as_number = kOne}).as_number, std::nullopt);
    const Origins systems({.countries = {}, .as_numbers = {kOne}});
    EXPECT_EQ(systems.set().find({.country = kGermany}).country, std::nullopt);
    EXPECT_FALSE(countries.set().empty() || systems.set().empty());
}

// As nearly every list is.
TEST(OriginSet, OfNothingIsEmptyAndTakesFourBytes) {
    const Origins none({});
    EXPECT_TRUE(none.set().empty());
    EXPECT_EQ(none.size(), 4U);
    EXPECT_EQ(none.set().find({.country = kGermany, .as_number = kOne}).country, std::nullopt);
}

}  // namespace
}  // namespace ipfence::origin_set_test
