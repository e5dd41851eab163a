#include "engine/credential/parameter_scan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace ipfence::parameter_scan_test {
namespace {

constexpr std::array<std::string_view, 2> kWanted{"code", "access_token"};

// "code access_token", `-` for one that is not there; or "refused".
std::string summary(const ParameterScan &scan, const std::optional<Refusal> &refusal) {
    if (refusal) {
        EXPECT_FALSE(refusal->description.empty());
        return "refused";
    }
    return std::string(scan.value(0).value_or("-")) + ' ' +
           std::string(scan.value(1).value_or("-"));
}

std::string read(const std::string &text) {
    std::string storage(text.size(), '\0');
    std::span<char> free(storage);
    ParameterScan scan(kWanted);
    const auto refusal = scan.read(text, free);
    return summary(scan, refusal);
}

std::string read_location(const std::string &location) {
    std::string storage(location.size(), '\0');
    ParameterScan scan(kWanted);
    const auto refusal = scan.read_location(location, storage);
    return summary(scan, refusal);
}

TEST(ParameterScan, FindsWhatIsWanted) {
    EXPECT_EQ(read(""), "- -");
    EXPECT_EQ(read("code=C"), "C -");
    EXPECT_EQ(read("&&x=1&access_token=A%2Bb+c&code=C&"), "C A+b c");
    EXPECT_EQ(read("c%6fde=C"), "C -");
    EXPECT_EQ(read("code"), " -");
    EXPECT_EQ(read("code="), " -");
    EXPECT_EQ(read("code=a=b"), "a=b -");
}

TEST(ParameterScan, OthersMayLookAsTheyLike) {
    EXPECT_EQ(read("x=%zz&%zz=1&y=;z&a[]=1&a[]=2&=&codes=1&my_code=2&code_=3&code=C"), "C -");
    EXPECT_EQ(read("x=%00%ff&x=1;y=2&code=C"), "C -");
    EXPECT_EQ(read("next=/a?code=1&code=C"), "C -") << "no parser begins a parameter at a `?`";
}

TEST(ParameterScan, TwoReadingsAreRefused) {
    // As PHP (`access[token`), Rack and qs (`[code]`) and ASP.NET (`%u0063`) read them.
    for (const char *text :
         {"[code]=a", "%5Bcode%5D=a", "[[code]]=a", "code]=a", "]code=a", "[code][]=a", ".code=a",
          "code.=a", "access[token=a", "access%5Btoken=a", "+access[token=a", "access[token%00x=a",
          "?code=a", "%u0063ode=a", "c%u006fde=a", "access%u005ftoken=a"}) {
        EXPECT_EQ(read(text), "refused") << text;
    }
    EXPECT_EQ(read("x[code]=a&x[access_token]=b&access[token]=c&my[code=d&%u0064ode=e"), "- -");
    for (const char *text : {"code=a&code=b",  "code=a&code=a",  "code=a&c%6fde=a",  "Code=a",
                             "CODE=a",         "code[]=a",       "code[0]=a",        "code%5b%5d=a",
                             "access.token=a", "access-token=a", "access+token=a",   "+code=a",
                             "code+=a",        "%09code=a",      "code%00=a",        "code%00x=a",
                             "code=%zz",       "code=%",         "code=%0a",         "code=%00",
                             "code%zz=a",      "code[%zz]=a",    "c%6fde[%]=a",      "x=1;code=a",
                             "x=1;c%6fde=a",   "x;code",         "x=1;y=2;code[]=a", ";code=a",
                             "x=1;code%zz=a"}) {
        EXPECT_EQ(read(text), "refused") << text;
    }
}

TEST(ParameterScan, ReadsWhereARedirectGoes) {
    EXPECT_EQ(read_location("https://app/cb"), "- -");
    EXPECT_EQ(read_location("https://app/cb?code=C#access_token=A"), "C A");
    EXPECT_EQ(read_location("?code=C"), "C -");
    EXPECT_EQ(read_location("com.example.app:/cb#code=C"), "C -");
    EXPECT_EQ(read_location("https://app/code=1/cb?x=%23code%3D1"), "- -");
    EXPECT_EQ(read_location("https://app/#/cb?code=C"), "C -") << "a path in the fragment";
    EXPECT_EQ(read_location("https://app/cb?#?code=C"), "C -");
    EXPECT_EQ(read_location("https://app/cb??code=C"), "C -");
    EXPECT_EQ(read_location("https://app/cb#x#access_token=A"), "- A");
    EXPECT_EQ(read_location("https://app/cb?next=/x?y=1"), "- -");
}

TEST(ParameterScan, ARedirectWithTwoReadingsIsRefused) {
    for (const char *location :
         {"/cb?code=a#code=b", "/cb?x=1?code=a", "/cb#x=1#access_token=a", "/cb#x=1?access_token=a",
          "/cb?x=1;code=a", "/cb#/a&b?code=c", "/cb?Code=a"}) {
        EXPECT_EQ(read_location(location), "refused") << location;
    }
}

// Most parameters are passed over by the size of their names, or as names that stand for
// themselves.
TEST(ParameterScan, WhatIsPassedOverHidesNothing) {
    EXPECT_EQ(read("cod=a&ode&%63od=b&x;cod=c&;cod&.cod=d&codes=e&my-code=f&access_toke=g"), "- -");
    EXPECT_EQ(read("a&b;c&cod=1&code=C&d&access_token=A&e"), "C A");
    EXPECT_EQ(read("%63%6f%64%65=C&ab%63=1"), "C -");
    for (const char *text : {"CODE=a", "access-token=a", "ACCESS-TOKEN", "a;code=a", ";code",
                             ";;code", "a=b;c;code=a", "cod;code;e", "a;%63ode=a", "x&;[code",
                             "code=a&b&Code", "%00code=a&.code", "code%00=a"}) {
        EXPECT_EQ(read(text), "refused") << text;
    }
}

// Were any of these read again and again, it would take minutes.
TEST(ParameterScan, HostileTextIsReadInOnePass) {
    constexpr std::size_t kSize = 1024 * 1024;
    constexpr double kSeconds = 2;
    for (const char *piece : {";", "&", "%", "=", "?", "#", ";=", "a;", "[", "+", "%00", "%zz",
                              "a&", "cod&", "abcd&", "abcd;", ".abcd&", "%41bcd&"}) {
        std::string text;
        while (text.size() < kSize) {
            text += piece;
        }
        const std::clock_t start = std::clock();
        EXPECT_EQ(read(text), "- -") << piece;
        EXPECT_EQ(read_location("?" + text), "- -") << piece;
        const std::clock_t taken = std::clock() - start;
        EXPECT_LT(static_cast<double>(taken) / CLOCKS_PER_SEC, kSeconds) << piece;
    }
}

}  // namespace
}  // namespace ipfence::parameter_scan_test
