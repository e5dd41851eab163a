#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ipfence {

/// A number from 0 to 255 in decimal.
struct OctetText {
    std::array<char, 4> text{};  ///< with a dot behind it
    std::uint32_t digits = 0;
};

inline constexpr std::array<OctetText, 256> kOctetTexts = [] {
    std::array<OctetText, 256> all{};
    for (unsigned value = 0; value < all.size(); ++value) {
        OctetText &octet = all[value];
        for (unsigned unit = value >= 100 ? 100 : value >= 10 ? 10 : 1; unit != 0; unit /= 10) {
            octet.text[octet.digits++] = static_cast<char>('0' + value / unit % 10);
        }
        octet.text[octet.digits] = '.';
    }
    return all;
}();

/// Writes a number; returns the end of its digits. Always four bytes are written, of which a dot is
/// behind the digits.
inline char *write_octet(char *to, std::uint8_t value) noexcept {
    const OctetText &octet = kOctetTexts[value];
    std::memcpy(to, octet.text.data(), octet.text.size());
    return to + octet.digits;
}

/// The bytes that `write_ipv4` writes at most.
inline constexpr std::size_t kIpv4Room = 16;

/// Writes the IPv4 address whose bits, in host order, these are; returns the end of its text.
inline char *write_ipv4(char *to, std::uint32_t bits) noexcept {
    to = write_octet(to, static_cast<std::uint8_t>(bits >> 24)) + 1;
    to = write_octet(to, static_cast<std::uint8_t>(bits >> 16)) + 1;
    to = write_octet(to, static_cast<std::uint8_t>(bits >> 8)) + 1;
    return write_octet(to, static_cast<std::uint8_t>(bits));
}

}  // namespace ipfence
