#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/address/address.hpp"

namespace ipfence {

/// An ISO 3166-1 country code: two capital letters.
class CountryCode {
  public:
    static constexpr std::optional<CountryCode> parse(std::string_view text) noexcept {
        const auto is_capital = [](char byte) { return byte >= 'A' && byte <= 'Z'; };
        return text.size() == 2 && is_capital(text[0]) && is_capital(text[1])
                   ? std::optional(CountryCode(text[0], text[1]))
                   : std::nullopt;
    }

    constexpr std::string_view text() const noexcept { return {letters_.data(), letters_.size()}; }

    friend constexpr auto operator<=>(const CountryCode &, const CountryCode &) = default;

  private:
    friend class ImageWriter;  // makes room for some before they are known

    constexpr CountryCode() noexcept : letters_{'A', 'A'} {}
    constexpr CountryCode(char first, char second) noexcept : letters_{first, second} {}

    std::array<char, 2> letters_;
};

/// The number of an autonomous system.
enum class AsNumber : std::uint32_t {};

/// What is known of where an address is.
struct AddressOrigin {
    std::optional<CountryCode> country{};
    std::optional<AsNumber> as_number{};
};

/// From this address on, up to the next run or the end of its family, all have this origin.
template <class Name>
struct OriginRun {
    Address first;
    std::optional<Name> name;  ///< empty: nobody knows it
};

/// Knows where addresses are.
class OriginSource {
  public:
    virtual ~OriginSource() = default;

    /// Of an address that it does not know, nothing.
    virtual AddressOrigin origin_of(Address address) const noexcept = 0;
};

}  // namespace ipfence
