#include "engine/geoip/database.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ipfence {

namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const noexcept { return number_; }

  private:
    int number_;
};

Error failure_of(const std::string &path, const std::string &why) {
    return Error{path + ": " + why};
}

// libmaxminddb maps what it opens: a file that is cut short while it is mapped would kill the
// process (SIGBUS). So it is given a copy.
std::optional<Error> copy(const std::string &path, int target) {
    const Descriptor source(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (source.get() < 0) {
        return failure_of(path, std::strerror(errno));
    }
    std::array<char, 64 * 1024> buffer;
    while (true) {
        const ssize_t size = ::read(source.get(), buffer.data(), buffer.size());
        if (size == 0) {
            return std::nullopt;
        }
        if (size < 0 ? errno != EINTR
                     : ::write(target, buffer.data(), static_cast<std::size_t>(size)) != size) {
            return failure_of(path, std::strerror(errno));
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

// The value at a path of keys in the record of an address, where it has this type.
std::optional<MMDB_entry_data_s> find(const MMDB_s &database, Address address,
                                      const char *const *path, unsigned type) noexcept {
    const SocketAddress socket_address = socket_address_of(address);
    int error = MMDB_SUCCESS;
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&database, &socket_address.any, &error);
    MMDB_entry_data_s data;
    if (error != MMDB_SUCCESS || !result.found_entry ||
        MMDB_aget_value(&result.entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != type) {
        return std::nullopt;
    }
    return data;
}

}  // namespace

Result<std::unique_ptr<const GeoipDatabase>> GeoipDatabase::open(const std::string &path) {
    const Descriptor memory(::memfd_create("ipfence geoip", MFD_CLOEXEC));
    if (memory.get() < 0) {
        return failure_of(path, std::string("memfd_create failed: ") + std::strerror(errno));
    }
    if (auto error = copy(path, memory.get())) {
        return *std::move(error);
    }
    auto database = std::make_unique<MMDB_s>();
    const std::string of_memory = "/proc/self/fd/" + std::to_string(memory.get());
    const int error = MMDB_open(of_memory.c_str(), MMDB_MODE_MMAP, database.get());
    if (error != MMDB_SUCCESS) {
        return failure_of(path, std::string("is no MaxMind database: ") + MMDB_strerror(error));
    }
    std::unique_ptr<const GeoipDatabase> opened(new GeoipDatabase(std::move(database)));
    if (!is_whole(*opened->database_)) {
        return failure_of(path, "is a damaged MaxMind database: its search tree leads nowhere");
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

AddressOrigin GeoipDatabases::origin_of(Address address) const noexcept {
    return {countries_ ? countries_->country_of(address) : std::nullopt,
            systems_ ? systems_->as_number_of(address) : std::nullopt};
}

}  // namespace ipfence
