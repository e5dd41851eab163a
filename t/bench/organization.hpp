#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/address/address_range.hpp"

namespace ipfence::bench {

/// How large an organization is.
struct Size {
    std::size_t users = 0;
    std::size_t apps = 0;
    std::size_t profiles = 0;
    std::size_t ranges = 0;  ///< of all profiles together, half of them IPv4
};

/// The organization that the goals are about.
inline constexpr Size kLarge{1'000'000, 100'000, 10'000, 10'000'000};

/// An invented organization: always the same for a size.
class OrganizationGenerator {
  public:
    explicit OrganizationGenerator(Size size) : size_(size) {}

    const Size &size() const noexcept { return size_; }

    static std::string user(std::size_t index) {
        return "user" + std::to_string(index) + "@example.com";
    }
    static std::string app(std::size_t index) { return "app-" + std::to_string(index); }
    static std::string profile(std::size_t index) { return "profile-" + std::to_string(index); }
    std::size_t profile_of_user(std::size_t user) const { return user * 7919 % size_.profiles; }

    /// The ranges of a profile: blocks and spans, of which some lie inside others.
    std::vector<AddressRange> ranges_of(std::size_t profile) const {
        std::mt19937_64 random(profile + 1);
        std::vector<AddressRange> ranges;
        const std::size_t count = size_.ranges / size_.profiles;
        for (std::size_t index = 0; index < count; ++index) {
            ranges.push_back(index % 2 == 0 ? ipv4_range(random) : ipv6_block(random));
        }
        return ranges;
    }

    /// An address of this user: as likely inside a range of its profile as anywhere.
    Address address_of(std::size_t user, std::mt19937_64 &random) const {
        if (random() % 2 == 0) {
            return address(random);
        }
        const std::size_t profile = profile_of_user(user);
        const std::vector<AddressRange> ranges = ranges_of(profile);
        return ranges[random() % ranges.size()].first();
    }

    /// An address anywhere.
    static Address address(std::mt19937_64 &random) {
        const auto bits = random();
        return bits % 2 == 0 ? Address::from_ipv4(static_cast<std::uint32_t>(bits >> 32))
                             : Address::from_ipv6(kGlobalUnicast | random() >> 3, random());
    }

  private:
    static constexpr std::uint64_t kGlobalUnicast = 0x2000000000000000;

    static AddressRange ipv4_range(std::mt19937_64 &random) {
        const auto bits = static_cast<std::uint32_t>(random());
        if (random() % 4 == 0) {
            const std::uint32_t last = bits | 0x3f;
            return *AddressRange::of(Address::from_ipv4(bits), Address::from_ipv4(last),
                                     AddressRange::Notation::span);
        }
        const std::uint32_t hosts = random() % 8 == 0 ? 0xffff : 0xff;
        return *AddressRange::of(Address::from_ipv4(bits & ~hosts),
                                 Address::from_ipv4(bits | hosts), AddressRange::Notation::block);
    }

    static AddressRange ipv6_block(std::mt19937_64 &random) {
        const std::uint64_t hosts = random() % 8 == 0 ? 0xffffffff : 0xffff;
        const std::uint64_t high = kGlobalUnicast | random() >> 3;
        return *AddressRange::of(Address::from_ipv6(high & ~hosts, 0),
                                 Address::from_ipv6(high | hosts, ~std::uint64_t{0}),
                                 AddressRange::Notation::block);
    }

    Size size_;
};

}  // namespace ipfence::bench
