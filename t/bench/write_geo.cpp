// Writes the ranges of an invented organization, all profiles together, as entries of nginx's geo.
//
//   write_geo FILE PROFILES RANGES

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "t/bench/organization.hpp"

using namespace ipfence;
using bench::OrganizationGenerator;

namespace {

using Bits = std::uint64_t;  // of an IPv4 address, and of what is behind the last one

// geo with IPv6 takes blocks only: the fewest that a span of IPv4 is made of.
void add_blocks(std::vector<std::string> &networks, const AddressRange &span) {
    const Bits behind = Bits{span.last().ipv4()} + 1;
    for (Bits first = span.first().ipv4(); first < behind;) {
        const Bits largest = first == 0 ? behind : first & (~first + 1);
        const Bits size = std::min(largest, std::bit_floor(behind - first));
        const auto block =
            AddressRange::of(Address::from_ipv4(static_cast<std::uint32_t>(first)),
                             Address::from_ipv4(static_cast<std::uint32_t>(first + size - 1)),
                             AddressRange::Notation::block);
        networks.push_back(block->text());
        first += size;
    }
}

// Each of them once: nginx warns of one that it has.
std::vector<std::string> networks_of(const OrganizationGenerator &organization) {
    std::vector<std::string> networks;
    for (std::size_t profile = 0; profile < organization.size().profiles; ++profile) {
        for (const AddressRange &range : organization.ranges_of(profile)) {
            if (range.first().family() == Address::Family::ipv4) {
                add_blocks(networks, range);
            } else {
                networks.push_back(range.text());
            }
        }
    }
    std::ranges::sort(networks);
    networks.erase(std::ranges::unique(networks).begin(), networks.end());
    return networks;
}

}  // namespace

int main(int argc, char **argv) {
    const std::size_t profiles = argc == 4 ? std::strtoull(argv[2], nullptr, 10) : 0;
    const std::size_t ranges = profiles > 0 ? std::strtoull(argv[3], nullptr, 10) : 0;
    if (ranges < profiles || profiles == 0) {
        std::fputs("usage: write_geo FILE PROFILES RANGES\n", stderr);
        return 2;
    }
    std::ofstream out(argv[1]);
    for (const std::string &network :
         networks_of(OrganizationGenerator({.profiles = profiles, .ranges = ranges}))) {
        out << network << " 1;\n";
    }
    return out.flush() ? 0 : 1;
}
