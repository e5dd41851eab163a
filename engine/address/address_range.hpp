#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/address/address.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// All addresses from `first` to `last`, both included, of one family; `first <= last`. A
/// range in hand is a valid one.
class AddressRange {
  public:
    /// How the policy wrote it, so that a person finds it again in the file.
    enum class Notation : std::uint8_t { address, block, span };

    /// Longest text that `format` writes: two addresses and a dash.
    static constexpr std::size_t kMaxTextLength = 2 * Address::kMaxTextLength + 1;

    /// Reads an address, a CIDR block or `first-last` (interface.md). Refused, each with its own
    /// message: host bits set, a prefix length out of range or with a leading zero, an inverted
    /// span, a span across families, anything that Address::parse refuses. An IPv4-mapped block
    /// (`::ffff:198.51.100.0/120`) is the IPv4 block.
    static Result<AddressRange> parse(std::string_view text);

    /// All addresses from `first` to `last`; empty when that is no range of one family, or the
    /// notation is a block's or an address's and the range is not.
    static constexpr std::optional<AddressRange> of(Address first, Address last,
                                                    Notation notation) noexcept;

    constexpr Address first() const noexcept { return first_; }
    constexpr Address last() const noexcept { return last_; }
    constexpr Notation notation() const noexcept { return notation_; }
    constexpr bool contains(Address address) const noexcept {
        return address >= first_ && address <= last_;
    }

    /// Writes the range as the policy's notation has it, in canonical spelling, without a
    /// terminator; returns the length.
    std::size_t format(std::span<char, kMaxTextLength> out) const noexcept;

    /// The same, as a string.
    std::string text() const;

    friend constexpr bool operator==(const AddressRange &, const AddressRange &) = default;

  private:
    static constexpr bool is_block(Address first, Address last) noexcept;
    static Result<AddressRange> parse_block(std::string_view text, std::size_t slash);
    static Result<AddressRange> parse_span(std::string_view text, std::size_t dash);

    constexpr AddressRange(Address first, Address last, Notation notation) noexcept
        : first_(first), last_(last), notation_(notation) {}

    Address first_;
    Address last_;
    Notation notation_;
};

// Whether first has no bit, and last every bit, of those in which they differ, which are the
// lowest.
constexpr bool AddressRange::is_block(Address first, Address last) noexcept {
    const auto differ_as_block = [](auto first_bits, auto last_bits) {
        const auto host = first_bits ^ last_bits;
        return (host & (host + 1)) == 0 && (first_bits & host) == 0;
    };
    if (first.family() == Address::Family::ipv4) {
        return differ_as_block(first.ipv4(), last.ipv4());
    }
    return first.high() == last.high() ? differ_as_block(first.low(), last.low())
                                       : differ_as_block(first.high(), last.high()) &&
                                             first.low() == 0 && last.low() == ~std::uint64_t{0};
}

constexpr std::optional<AddressRange> AddressRange::of(Address first, Address last,
                                                       Notation notation) noexcept {
    if (first.family() != last.family() || last < first) {
        return std::nullopt;
    }
    const bool is_written_so = notation == Notation::span ||
                               (notation == Notation::block && is_block(first, last)) ||
                               (notation == Notation::address && first == last);
    return is_written_so ? std::optional(AddressRange(first, last, notation)) : std::nullopt;
}

}  // namespace ipfence
