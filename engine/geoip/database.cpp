#include "engine/geoip/database.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/descriptor.hpp"

namespace ipfence {

namespace {

SourceFailure failure_of(const std::string &path, const SourceFailure &failure) {
    return {path + ": " + failure.message, failure.is_passing};
}

// Of the copy that it was given: the file itself may be sound.
bool is_passing(int error) noexcept {
    return error == MMDB_FILE_OPEN_ERROR || error == MMDB_IO_ERROR ||
           error == MMDB_OUT_OF_MEMORY_ERROR;
}

// libmaxminddb maps what it opens: a file that is cut short while it is mapped would kill the
// process (SIGBUS). So it is given a copy.
std::optional<SourceFailure> copy(const std::string &path, SourceKind kind, int target) {
    const auto source = open_source(path, kind);
    if (!source) {
        return failure_of(path, source.error());
    }
    std::array<char, 64 * 1024> buffer;
    while (true) {
        const ssize_t size = ::read(::fileno(source.value().get()), buffer.data(), buffer.size());
        if (size == 0) {
            return std::nullopt;
        }
        if (size < 0 ? errno != EINTR
                     : ::write(target, buffer.data(), static_cast<std::size_t>(size)) != size) {
            return failure_of(path, reading_failure());
        }
    }
}

// What a search may come to must be there.
bool is_whole(const MMDB_s &database) noexcept {
    for (std::uint32_t number = 0; number < database.metadata.node_count; ++number) {
        MMDB_search_node_s node;
        if (MMDB_read_node(&database, number, &node) != MMDB_SUCCESS ||
            node.left_record_type == MMDB_RECORD_TYPE_INVALID ||
            node.right_record_type == MMDB_RECORD_TYPE_INVALID) {
            return false;
        }
    }
    return true;
}

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

using Bits = unsigned __int128;

constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;
constexpr Bits kMapped = Bits{0xffff} << kIpv4Bits;
constexpr Bits kBehindMapped = Bits{0x10000} << kIpv4Bits;

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

// The value at a path of keys in the record of an address, where it has this type.
std::optional<MMDB_entry_data_s> find(const MMDB_s &database, Address address,
                                      const char *const *path, unsigned type) noexcept {
    if (is_of_transition(address)) {
        return std::nullopt;
    }
    MMDB_lookup_result_s result = look_up(database, address);
    MMDB_entry_data_s data;
    if (!result.found_entry || MMDB_aget_value(&result.entry, &data, path) != MMDB_SUCCESS ||
        !data.has_data || data.type != type) {
        return std::nullopt;
    }
    return data;
}

Address address_of(Address::Family family, Bits bits) noexcept {
    return family == Address::Family::ipv4
               ? Address::from_ipv4(static_cast<std::uint32_t>(bits))
               : Address::from_ipv6(static_cast<std::uint64_t>(bits >> 64),
                                    static_cast<std::uint64_t>(bits));
}

// How many addresses follow this one for which the same record of the tree answers. The tree of
// IPv4 is a part of that of IPv6.
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

// How many networks a tree may have: as many as there are nodes, and those of IPv4 in up to three
// other places. Where nodes lead back, or more than one leads to the same, there is no end of them.
std::uint64_t most_networks(const MMDB_s &database) noexcept {
    constexpr std::uint64_t kPlaces = 4;
    constexpr std::uint64_t kOfAnyTree = 1'000'000;
    return kPlaces * database.metadata.node_count + kOfAnyTree;
}

// Adds the runs of one family; `name_of(Address)` says the origin of an address. False where that
// would take more than so many networks, which it takes off.
template <class Name, class NameOf>
bool add_runs(std::vector<OriginRun<Name>> &runs, const MMDB_s &database, Address::Family family,
              std::uint64_t &networks, NameOf name_of) {
    const bool is_ipv4 = family == Address::Family::ipv4;
    const Bits last = is_ipv4 ? Bits{UINT32_MAX} : ~Bits{0};
    const std::size_t begin = runs.size();
    Bits bits = 0;
    while (networks-- > 0) {
        const Address first = address_of(family, bits);
        const std::optional<Name> name = name_of(first);
        if (runs.size() == begin || runs.back().name != name) {
            runs.push_back({first, name});
        }
        const Bits rest = rest_of_network(database, family, bits);
        if (rest >= last - bits) {
            return true;
        }
        bits += rest + 1;
        // IPv4-mapped addresses are IPv4.
        bits = !is_ipv4 && bits >= kMapped && bits < kBehindMapped ? kBehindMapped : bits;
    }
    return false;
}

template <class Name, class NameOf>
Result<std::vector<OriginRun<Name>>> runs_of(const MMDB_s &database, NameOf name_of) {
    std::vector<OriginRun<Name>> runs;
    std::uint64_t networks = most_networks(database);
    if (!add_runs(runs, database, Address::Family::ipv4, networks, name_of) ||
        !add_runs(runs, database, Address::Family::ipv6, networks, name_of)) {
        return Error{"is a damaged MaxMind database: its search tree has no end"};
    }
    return runs;
}

}  // namespace

Result<std::unique_ptr<const GeoipDatabase>, SourceFailure> GeoipDatabase::open(
    const std::string &path, SourceKind kind) {
    const Descriptor memory(::memfd_create("ipfence geoip", MFD_CLOEXEC));
    if (memory.number() < 0) {
        return failure_of(path, source_failure("memfd_create failed", errno));
    }
    if (auto error = copy(path, kind, memory.number())) {
        return *std::move(error);
    }
    auto database = std::make_unique<MMDB_s>();
    const std::string of_memory = "/proc/self/fd/" + std::to_string(memory.number());
    const int error = MMDB_open(of_memory.c_str(), MMDB_MODE_MMAP, database.get());
    if (error != MMDB_SUCCESS) {
        return failure_of(path, {std::string("is no MaxMind database: ") + MMDB_strerror(error),
                                 is_passing(error)});
    }
    std::unique_ptr<const GeoipDatabase> opened(new GeoipDatabase(std::move(database)));
    if (!is_whole(*opened->database_)) {
        return failure_of(path, {"is a damaged MaxMind database: its search tree leads nowhere"});
    }
    return opened;
}

GeoipDatabase::GeoipDatabase(std::unique_ptr<MMDB_s> database) noexcept
    : database_(std::move(database)) {}

GeoipDatabase::~GeoipDatabase() {
    MMDB_close(database_.get());
}

std::optional<CountryCode> GeoipDatabase::country_of(Address address) const noexcept {
    constexpr std::array kPath{"country", "iso_code", static_cast<const char *>(nullptr)};
    const auto data = find(*database_, address, kPath.data(), MMDB_DATA_TYPE_UTF8_STRING);
    return data ? CountryCode::parse({data->utf8_string, data->data_size}) : std::nullopt;
}

std::optional<AsNumber> GeoipDatabase::as_number_of(Address address) const noexcept {
    constexpr std::array kPath{"autonomous_system_number", static_cast<const char *>(nullptr)};
    const auto data = find(*database_, address, kPath.data(), MMDB_DATA_TYPE_UINT32);
    return data ? std::optional(AsNumber{data->uint32}) : std::nullopt;
}

Result<std::vector<OriginRun<CountryCode>>> GeoipDatabase::country_runs() const {
    return runs_of<CountryCode>(*database_,
                                [this](Address address) { return country_of(address); });
}

Result<std::vector<OriginRun<AsNumber>>> GeoipDatabase::as_number_runs() const {
    return runs_of<AsNumber>(*database_, [this](Address address) { return as_number_of(address); });
}

AddressOrigin GeoipDatabases::origin_of(Address address) const noexcept {
    return {countries_ ? countries_->country_of(address) : std::nullopt,
            systems_ ? systems_->as_number_of(address) : std::nullopt};
}

}  // namespace ipfence
