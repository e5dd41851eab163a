#include <gtest/gtest.h>

#include <string>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence::networks_test {
namespace {

class NetworksOfNetworks : public testing::Test {
  protected:
    // A policy with these networks and with a profile of the entries of `list`.
    PolicyLoad load(const std::string &networks, const std::string &list) {
        return files_.load(R"({"ipfence": 1, "organization": {"default_profile": null},
            "networks": {)" +
                           networks + R"(}, "profiles": {"p": {"login_ip_ranges": [)" + list +
                           R"(]}}})");
    }

    // Which of these addresses a list of the network `all` has.
    std::string inside(const std::string &networks) {
        const PolicyLoad loaded = load(networks, R"("network:all")");
        EXPECT_TRUE(loaded.policy) << files_.text(loaded.errors);
        if (!loaded.policy) {
            return {};
        }
        EXPECT_EQ(files_.text(loaded.warnings), "");
        const Profile &profile = *loaded.policy->find_profile("p");
        std::string found;
        for (const char *address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"}) {
            if (profile.login_ip_ranges.contains(*Address::parse(address))) {
                found.append(found.empty() ? "" : " ").append(address);
            }
        }
        for (const CountryCode &country : profile.login_origins.countries()) {
            found.append(" ").append(country.text());
        }
        for (const AsNumber number : profile.login_origins.as_numbers()) {
            found += ' ' + std::to_string(static_cast<std::uint32_t>(number));
        }
        return found;
    }

    TemporaryFiles files_;
};

TEST_F(NetworksOfNetworks, AreMadeOfOthersInAnyOrder) {
    const std::string one = R"("one": ["192.0.2.1"])";
    const std::string two = R"("two": ["192.0.2.2", "network:one"])";
    const std::string all = R"("all": ["network:two", "2001:db8::1"])";
    for (const std::string &networks :
         {one + ',' + two + ',' + all, all + ',' + two + ',' + one, two + ',' + all + ',' + one}) {
        EXPECT_EQ(inside(networks), "192.0.2.1 192.0.2.2 2001:db8::1") << networks;
    }
}

TEST_F(NetworksOfNetworks, ANameAloneIsToldHowANetworkIsWritten) {
    const auto said = [&](const std::string &entry) {
        return files_.text(load(R"("hq": ["192.0.2.1"])", '"' + entry + '"').errors);
    };
    EXPECT_NE(said("hq").find("; a network is written network:NAME\n"), std::string::npos);
    EXPECT_EQ(said("192.0.2.300").find("network:NAME"), std::string::npos);
}

TEST_F(NetworksOfNetworks, HaveTheOriginsOfWhatTheyAreMadeOf) {
    EXPECT_EQ(inside(R"("all": {"ranges": ["network:one", "network:two"], "asns": [7]},
                        "one": {"countries": ["DE", "AT"], "ranges": ["192.0.2.3"]},
                        "two": {"countries": ["AT", "CH"], "asns": [64496, 7]})"),
              "192.0.2.3 AT CH DE 7 64496");
    EXPECT_EQ(inside(R"("all": ["network:one"], "one": {"countries": ["DE"]})"), " DE");
}

TEST_F(NetworksOfNetworks, HaveEachOfThemOnce) {
    EXPECT_EQ(inside(R"("all": ["network:one", "network:two", "network:one"],
                        "one": ["network:three"], "two": ["network:three", "192.0.2.2"],
                        "three": ["192.0.2.1"])"),
              "192.0.2.1 192.0.2.2");
    // Each is made of the next one twice over.
    std::string networks = R"("all": ["network:n0", "network:m0"])";
    for (int i = 0; i < 200; ++i) {
        const std::string next = std::to_string(i + 1);
        for (const char *half : {"n", "m"}) {
            networks += ",\"" + (half + std::to_string(i)) + R"(": ["network:n)" + next +
                        R"(", "network:m)" + next + "\"]";
        }
    }
    EXPECT_EQ(inside(networks + R"(, "n200": ["192.0.2.1"], "m200": ["192.0.2.3"])"),
              "192.0.2.1 192.0.2.3");
}

TEST_F(NetworksOfNetworks, MayBeMadeOfALongRowOfOthers) {
    std::string networks = R"("all": ["network:1"])";
    for (int i = 1; i < 1000; ++i) {
        networks += ",\"" + std::to_string(i) + R"(": ["network:)" + std::to_string(i + 1) + "\"]";
    }
    EXPECT_EQ(inside(networks + R"(, "1000": ["192.0.2.1"])"), "192.0.2.1");
}

TEST_F(NetworksOfNetworks, RangesInsideOthersAreSaidOnceTheyAreTogether) {
    const PolicyLoad loaded =
        load("\"a\": [\"192.0.2.1\",\n\"network:b\"],\n\"b\": {\"ranges\": [\"192.0.2.0/24\"]}",
             R"("::1")");
    EXPECT_NE(files_.text(loaded.warnings)
                  .find("networks.a: 192.0.2.1 is inside 192.0.2.0/24 of the same list\n"),
              std::string::npos)
        << files_.text(loaded.warnings);
}

}  // namespace
}  // namespace ipfence::networks_test
