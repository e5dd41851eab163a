#include "engine/geoip/lookup.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace ipfence {

namespace {

union SocketAddress {
    sockaddr any;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
};

SocketAddress socket_address_of(Address address) noexcept {
    SocketAddress result{};
    if (address.family() == Address::Family::ipv4) {
        result.ipv4.sin_family = AF_INET;
        result.ipv4.sin_addr.s_addr = htonl(address.ipv4());
        return result;
    }
    result.ipv6.sin6_family = AF_INET6;
    constexpr unsigned kByte = 8;
    for (unsigned index = 0; index < kByte; ++index) {
        const unsigned shift = 56 - kByte * index;
        result.ipv6.sin6_addr.s6_addr[index] = static_cast<std::uint8_t>(address.high() >> shift);
        result.ipv6.sin6_addr.s6_addr[kByte + index] =
            static_cast<std::uint8_t>(address.low() >> shift);
    }
    return result;
}

constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;

struct Prefix {
    Bits first;
    unsigned length;

    constexpr Bits last() const noexcept { return first | (~Bits{0} >> length); }
};

constexpr Bits high_bits(std::uint64_t bits) noexcept {
    return Bits{bits} << 64;
}

// C16: IPv6 addresses that hold one of IPv4, which everybody may write: databases let some of them
// be where that one is, or say where the translator is, and not who is behind it.
constexpr std::array kTransition{Prefix{0, 96},  // IPv4-compatible (RFC 4291, section 2.5.5.1)
                                 Prefix{high_bits(0x0064ff9b00000000), 96},   // NAT64 (RFC 6052)
                                 Prefix{high_bits(0x2001000000000000), 32},   // Teredo (RFC 4380)
                                 Prefix{high_bits(0x2002000000000000), 16}};  // 6to4 (RFC 3056)

bool is_of_transition(Address address) noexcept {
    if (address.family() == Address::Family::ipv4) {
        return false;
    }
    const Bits bits = high_bits(address.high()) | address.low();
    return std::ranges::any_of(kTransition, [bits](const Prefix &prefix) {
        return prefix.first <= bits && bits <= prefix.last();
    });
}

MMDB_lookup_result_s look_up(const MMDB_s &database, Address address) noexcept {
    const SocketAddress socket_address = socket_address_of(address);
    int error = MMDB_SUCCESS;
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&database, &socket_address.any, &error);
    result.found_entry = result.found_entry && error == MMDB_SUCCESS;
    return result;
}

}  // namespace

Address address_of(Address::Family family, Bits bits) noexcept {
    return family == Address::Family::ipv4
               ? Address::from_ipv4(static_cast<std::uint32_t>(bits))
               : Address::from_ipv6(static_cast<std::uint64_t>(bits >> 64),
                                    static_cast<std::uint64_t>(bits));
}

std::optional<MMDB_entry_s> entry_of(const MMDB_s &database, Address address) noexcept {
    if (is_of_transition(address)) {
        return std::nullopt;
    }
    const MMDB_lookup_result_s result = look_up(database, address);
    return result.found_entry ? std::optional(result.entry) : std::nullopt;
}

Bits rest_of_network(const MMDB_s &database, Address::Family family, Bits bits) noexcept {
    constexpr unsigned kIpv4Prefix = kIpv6Bits - kIpv4Bits;
    const bool is_ipv4 = family == Address::Family::ipv4;
    unsigned length = look_up(database, address_of(family, bits)).netmask;
    if (is_ipv4 && database.metadata.ip_version == 6) {
        length = length > kIpv4Prefix ? length - kIpv4Prefix : 0;
    }
    const unsigned free = (is_ipv4 ? kIpv4Bits : kIpv6Bits) - length;
    const Bits mask = free >= kIpv6Bits ? ~Bits{0} : (Bits{1} << free) - 1;
    Bits last = bits | mask;
    for (const Prefix &prefix : kTransition) {
        for (const Bits edge : {prefix.first, prefix.last() + 1}) {
            last = !is_ipv4 && bits < edge && edge <= last ? edge - 1 : last;
        }
    }
    return last - bits;
}

}  // namespace ipfence
