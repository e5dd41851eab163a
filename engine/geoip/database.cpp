#include "engine/geoip/database.hpp"

#include <fcntl.h>
#include <maxminddb.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "engine/descriptor.hpp"
#include "engine/geoip/lookup.hpp"

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

// The value at a path of keys in a record, where it has this type.
std::optional<MMDB_entry_data_s> find(MMDB_entry_s entry, const char *const *path,
                                      unsigned type) noexcept {
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != type) {
        return std::nullopt;
    }
    return data;
}

std::optional<CountryCode> country_in(MMDB_entry_s entry) noexcept {
    constexpr std::array kPath{"country", "iso_code", static_cast<const char *>(nullptr)};
    const auto data = find(entry, kPath.data(), MMDB_DATA_TYPE_UTF8_STRING);
    return data ? CountryCode::parse({data->utf8_string, data->data_size}) : std::nullopt;
}

std::optional<AsNumber> as_number_in(MMDB_entry_s entry) noexcept {
    constexpr std::array kPath{"autonomous_system_number", static_cast<const char *>(nullptr)};
    const auto data = find(entry, kPath.data(), MMDB_DATA_TYPE_UINT32);
    return data ? std::optional(AsNumber{data->uint32}) : std::nullopt;
}

// Whether it says of any address what it is for. A database of systems that is given as one of
// countries is sound, and denies everybody.
bool has_any(const MMDB_s &database, GeoipDatabase::Content content) noexcept {
    const auto has = [content](std::uint8_t type, const MMDB_entry_s &entry) {
        return type == MMDB_RECORD_TYPE_DATA &&
               (content == GeoipDatabase::Content::country ? country_in(entry).has_value()
                                                           : as_number_in(entry).has_value());
    };
    for (std::uint32_t number = 0; number < database.metadata.node_count; ++number) {
        MMDB_search_node_s node;
        if (MMDB_read_node(&database, number, &node) == MMDB_SUCCESS &&
            (has(node.left_record_type, node.left_record_entry) ||
             has(node.right_record_type, node.right_record_entry))) {
            return true;
        }
    }
    return false;
}

// How many networks a tree may have: as many as there are nodes, and those of IPv4 in up to three
// other places. Where nodes lead back, or more than one leads to the same, there is no end of them.
std::uint64_t most_networks(const MMDB_s &database) noexcept {
    constexpr std::uint64_t kPlaces = 4;
    constexpr std::uint64_t kOfAnyTree = 1'000'000;
    return kPlaces * database.metadata.node_count + kOfAnyTree;
}

// IPv4-mapped addresses of IPv6 are IPv4.
constexpr Bits kMapped = Bits{0xffff} << 32;
constexpr Bits kBehindMapped = Bits{0x10000} << 32;

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
    const std::string &path, SourceKind kind, Content content) {
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
    if (!has_any(*opened->database_, content)) {
        return failure_of(path,
                          {content == Content::country
                               ? "has no country of any address (country.iso_code, as GeoLite2 "
                                 "has it): give a database of countries"
                               : "has no autonomous system of any address "
                                 "(autonomous_system_number, as GeoLite2 has it): give a "
                                 "database of autonomous systems"});
    }
    return opened;
}

GeoipDatabase::GeoipDatabase(std::unique_ptr<MMDB_s> database) noexcept
    : database_(std::move(database)) {}

GeoipDatabase::~GeoipDatabase() {
    MMDB_close(database_.get());
}

std::optional<CountryCode> GeoipDatabase::country_of(Address address) const noexcept {
    const auto entry = entry_of(*database_, address);
    return entry ? country_in(*entry) : std::nullopt;
}

std::optional<AsNumber> GeoipDatabase::as_number_of(Address address) const noexcept {
    const auto entry = entry_of(*database_, address);
    return entry ? as_number_in(*entry) : std::nullopt;
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
