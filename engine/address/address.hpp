#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipfence {

/// An IP address in the one normal form that decisions compare: an IPv4-mapped IPv6 address
/// (::ffff:a.b.c.d) is the IPv4 address (semantics.md, Terms). There is no "no address" value:
/// an unknown address is an empty std::optional<Address>.
class Address {
  public:
    enum class Family : std::uint8_t { ipv4, ipv6 };

    /// Longest text that `format` writes: 8 groups of 4 digits and 7 colons.
    static constexpr std::size_t kMaxTextLength = 39;

    /// The IPv4 address whose bits, in host order, are `bits`.
    static constexpr Address from_ipv4(std::uint32_t bits) noexcept {
        return Address(Family::ipv4, 0, bits);
    }

    /// The IPv6 address whose first 64 bits are `high` and last 64 bits `low`, in host order; an
    /// IPv4-mapped one becomes IPv4.
    static constexpr Address from_ipv6(std::uint64_t high, std::uint64_t low) noexcept {
        constexpr std::uint64_t kMappedPrefix = 0xffff;
        if (high == 0 && (low >> 32) == kMappedPrefix) {
            return from_ipv4(static_cast<std::uint32_t>(low));
        }
        return Address(Family::ipv6, high, low);
    }

    /// Reads the whole of `text` as one address, strictly: four decimal octets without leading
    /// zeros, or RFC 4291 section 2.2 text. No zone identifier, port, bracket, space or prefix.
    /// Nothing else is ever asked what an address text means (threats.md C13).
    static std::optional<Address> parse(std::string_view text) noexcept;

    constexpr Family family() const noexcept { return family_; }
    /// The 32 bits of an IPv4 address, in host order.
    constexpr std::uint32_t ipv4() const noexcept { return static_cast<std::uint32_t>(low_); }
    constexpr std::uint64_t high() const noexcept { return high_; }
    constexpr std::uint64_t low() const noexcept { return low_; }

    /// Writes the canonical text (RFC 5952 for IPv6) without a terminator; returns its length.
    std::size_t format(std::span<char, kMaxTextLength> out) const noexcept;

    /// The canonical text.
    std::string text() const;

    /// IPv4 before IPv6, then by value.
    friend constexpr auto operator<=>(const Address &, const Address &) = default;

  private:
    constexpr Address(Family family, std::uint64_t high, std::uint64_t low) noexcept
        : family_(family), high_(high), low_(low) {}

    Family family_;
    std::uint64_t high_;
    std::uint64_t low_;
};

}  // namespace ipfence
