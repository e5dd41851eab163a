#include "engine/comparison/origin_condition.hpp"

#include <gtest/gtest.h>

#include "engine/comparison/listed_places.hpp"

namespace ipfence::origin_condition_test {
namespace {

constexpr CountryCode kGermany = *CountryCode::parse("DE");
constexpr CountryCode kFrance = *CountryCode::parse("FR");
constexpr AsNumber kCarrier{64496};

TEST(OriginCondition, IsToldInAsFewWordsAsItTakes) {
    const std::vector<CountryCode> before{kGermany};
    const std::vector<CountryCode> after{kFrance, kGermany};
    const std::vector<AsNumber> none;
    const std::vector<AsNumber> carrier{kCarrier};
    const OriginClasses classes({&before, &after}, {&none, &carrier});
    std::set<OriginClasses::Cell> newly;
    std::set<OriginClasses::Cell> nowhere;
    std::set<OriginClasses::Cell> all;
    for (const OriginClasses::Cell &cell : classes.cells()) {
        all.insert(cell);
        if (classes.membership(cell) == 0b10) {
            newly.insert(cell);
        }
        if (classes.membership(cell) == 0) {
            nowhere.insert(cell);
        }
    }
    EXPECT_EQ(text_of(classes.conditions(newly)),
              "in country FR; or in asn 64496, not in country DE or FR");
    EXPECT_EQ(text_of(classes.conditions(nowhere)), "not in asn 64496, not in country DE or FR");
    EXPECT_TRUE(classes.conditions(all).empty());
}

TEST(OriginCondition, ExamplesAreOfTheirClass) {
    const std::vector<CountryCode> countries{kGermany};
    const std::vector<AsNumber> systems;
    const OriginClasses classes({&countries}, {&systems});
    for (const OriginClasses::Cell &cell : classes.cells()) {
        EXPECT_EQ(classes.example(cell).country.has_value(), classes.membership(cell) == 1);
        EXPECT_FALSE(classes.example(cell).as_number);
    }
}

TEST(CoversOf, AreTheAddressesOfEachName) {
    const auto at = [](const char *text) { return Address::parse(text).value(); };
    const std::vector<OriginRun<CountryCode>> runs{
        {at("0.0.0.0"), kFrance},    {at("192.0.2.0"), kGermany}, {at("192.0.2.8"), kGermany},
        {at("192.0.3.0"), kFrance},  {at("::"), std::nullopt},    {at("2001:db8::"), kFrance},
        {at("2001:db9::"), kGermany}};
    const KnownOrigins::Countries covers = covers_of(runs);
    EXPECT_EQ(covers.at(kGermany),
              (AddressCover{at("192.0.2.0"), at("192.0.3.0"), at("2001:db9::")}));
    EXPECT_EQ(covers.at(kFrance), (AddressCover{at("0.0.0.0"), at("192.0.2.0"), at("192.0.3.0"),
                                                at("2001:db8::"), at("2001:db9::")}));
    const std::array both{&covers.at(kGermany), &covers.at(kFrance)};
    EXPECT_EQ(united(both), (AddressCover{at("0.0.0.0"), at("2001:db8::")}))
        << "all of IPv4, whose end is an end without an edge";
}

}  // namespace
}  // namespace ipfence::origin_condition_test
