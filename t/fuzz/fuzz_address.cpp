// Addresses and ranges, against the C library's reading.

#include <arpa/inet.h>

#include <array>
#include <optional>
#include <string>

#include "engine/address/address_range.hpp"
#include "t/fuzz/input.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

std::optional<Address> read_by_libc(const std::string &text) {
    if (text.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::array<unsigned char, 16> bytes{};
    const auto bits = [&bytes](std::size_t from, std::size_t count) {
        std::uint64_t value = 0;
        for (std::size_t index = from; index < from + count; ++index) {
            value = value << 8 | bytes[index];
        }
        return value;
    };
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
        return Address::from_ipv4(static_cast<std::uint32_t>(bits(0, 4)));
    }
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        return Address::from_ipv6(bits(0, 8), bits(8, 8));
    }
    return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::ExactText input = fuzz::Input(data, size).rest();
    const auto address = Address::parse(input.view());
    require(address == read_by_libc(std::string(input.view())), "the C library reads the same");
    if (address) {
        require(Address::parse(address->text()) == address, "an address reads back");
    }
    if (const auto range = AddressRange::parse(input.view())) {
        require(range->first() <= range->last(), "a range is not inverted");
        const auto again = AddressRange::parse(range->text());
        require(again && *again == *range, "a range reads back");
    }
    return 0;
}
