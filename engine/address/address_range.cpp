#include "engine/address/address_range.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <optional>

#include "engine/address/ipv4_text.hpp"

namespace ipfence {

namespace {

constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;
constexpr unsigned kMappedPrefix = 96;  // ::ffff:0:0/96

unsigned width_of(Address address) noexcept {
    return address.family() == Address::Family::ipv4 ? kIpv4Bits : kIpv6Bits;
}

// 64 bits of which the first `count` are zero and the others one.
constexpr std::uint64_t ones_after(unsigned count) noexcept {
    return count >= 64 ? 0 : ~std::uint64_t{0} >> count;
}

// The last address of the block that begins at `first` and has `prefix` fixed bits.
Address last_of_block(Address first, unsigned prefix) noexcept {
    if (first.family() == Address::Family::ipv4) {
        return Address::from_ipv4(first.ipv4() |
                                  static_cast<std::uint32_t>(ones_after(32 + prefix)));
    }
    const std::uint64_t high = first.high() | ones_after(prefix);
    const std::uint64_t low =
        first.low() | (prefix <= 64 ? ~std::uint64_t{0} : ones_after(prefix - 64));
    return Address::from_ipv6(high, low);
}

Address first_of_block(Address inside, unsigned prefix) noexcept {
    if (inside.family() == Address::Family::ipv4) {
        return Address::from_ipv4(inside.ipv4() &
                                  ~static_cast<std::uint32_t>(ones_after(32 + prefix)));
    }
    const std::uint64_t low_mask = prefix <= 64 ? 0 : ~ones_after(prefix - 64);
    return Address::from_ipv6(inside.high() & ~ones_after(prefix), inside.low() & low_mask);
}

std::optional<unsigned> parse_prefix(std::string_view text) noexcept {
    unsigned value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text[0] == '0';
    if (error != std::errc{} || stop != end || leading_zero) {
        return std::nullopt;
    }
    return value;
}

Error no_address(std::string_view text) {
    return {"\"" + std::string(text) +
            "\" is not an IPv4 or IPv6 address (four decimal octets without leading zeros, or RFC "
            "4291 text without a zone)"};
}

// The number of fixed bits of the normal form: a mapped block (::ffff:a.b.c.d/n) is the IPv4 block
// with 96 bits less.
std::optional<unsigned> prefix_in_family(Address address, std::string_view address_text,
                                         unsigned prefix) noexcept {
    const bool written_as_ipv6 = address_text.find(':') != std::string_view::npos;
    if (address.family() == Address::Family::ipv4 && written_as_ipv6) {
        if (prefix < kMappedPrefix) {
            return std::nullopt;
        }
        prefix -= kMappedPrefix;
    }
    return prefix > width_of(address) ? std::nullopt : std::optional(prefix);
}

unsigned prefix_of_block(Address first, Address last) noexcept {
    if (first.family() == Address::Family::ipv4) {
        return static_cast<unsigned>(std::countl_zero(first.ipv4() ^ last.ipv4()));
    }
    const std::uint64_t high = first.high() ^ last.high();
    return static_cast<unsigned>(high != 0 ? std::countl_zero(high)
                                           : 64 + std::countl_zero(first.low() ^ last.low()));
}

std::string block_text(Address first, unsigned prefix) {
    return first.text() + "/" + std::to_string(prefix);
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        return parse_block(text, slash);
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        return parse_span(text, dash);
    }
    const auto address = Address::parse(text);
    if (!address) {
        return no_address(text);
    }
    return AddressRange(*address, *address, Notation::address);
}

Result<AddressRange> AddressRange::parse_block(std::string_view text, std::size_t slash) {
    const std::string_view address_text = text.substr(0, slash);
    const auto address = Address::parse(address_text);
    if (!address) {
        return no_address(address_text);
    }
    const auto written = parse_prefix(text.substr(slash + 1));
    const auto prefix = written ? prefix_in_family(*address, address_text, *written) : std::nullopt;
    if (!prefix) {
        return Error{"\"" + std::string(text) + "\" has no valid prefix length after the slash"};
    }
    const Address first = first_of_block(*address, *prefix);
    if (first != *address) {
        return Error{"\"" + std::string(text) + "\" has host bits set; write " +
                     block_text(first, *prefix) + " for the block, or the address alone"};
    }
    const Address last = last_of_block(first, *prefix);
    if (last.family() != first.family()) {
        return Error{"\"" + std::string(text) +
                     "\" ends among the IPv4-mapped addresses, which are IPv4 addresses"};
    }
    return AddressRange(first, last, Notation::block);
}

Result<AddressRange> AddressRange::parse_span(std::string_view text, std::size_t dash) {
    const auto first = Address::parse(text.substr(0, dash));
    if (!first) {
        return no_address(text.substr(0, dash));
    }
    const auto last = Address::parse(text.substr(dash + 1));
    if (!last) {
        return no_address(text.substr(dash + 1));
    }
    if (first->family() != last->family()) {
        return Error{"\"" + std::string(text) + "\" goes from one address family to the other"};
    }
    if (*last < *first) {
        return Error{"\"" + std::string(text) +
                     "\" is inverted: its first address is above its last"};
    }
    return AddressRange(*first, *last, Notation::span);
}

// Of IPv4, all here: it is asked for with nearly every decision.
std::size_t AddressRange::format(std::span<char, kMaxTextLength> out) const noexcept {
    const bool is_ipv4 = first_.family() == Address::Family::ipv4;
    char *end = is_ipv4 ? write_ipv4(out.data(), first_.ipv4())
                        : out.data() + first_.format(out.first<Address::kMaxTextLength>());
    if (notation_ == Notation::block) {
        *end++ = '/';
        end = write_octet(end, static_cast<std::uint8_t>(prefix_of_block(first_, last_)));
    } else if (notation_ == Notation::span) {
        *end++ = '-';
        end += last_.format(std::span<char, Address::kMaxTextLength>(end, Address::kMaxTextLength));
    }
    return static_cast<std::size_t>(end - out.data());
}

std::string AddressRange::text() const {
    std::array<char, kMaxTextLength> buffer;
    return {buffer.data(), format(buffer)};
}

}  // namespace ipfence
