#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ipfence {

/// Decodes base64 (RFC 4648, section 4) with padding into `out`, which must have at least
/// `base64_decoded_size(text.size())` bytes. Only the canonical text is accepted: what was decoded
/// must encode back to the same bytes, so that no second spelling of a value exists (threats.md
/// G11).
std::optional<std::string_view> decode_base64(std::string_view text, std::span<char> out) noexcept;

/// The same for base64url without padding (RFC 7515, section 2), into a string.
std::optional<std::string> decode_base64url(std::string_view text);

/// The same into the beginning of `room`, of which there must be at least
/// `base64url_room(text.size())`: how many bytes were decoded. Whatever the outcome, the room holds
/// what is as secret as the text.
std::optional<std::size_t> decode_base64url(std::string_view text, std::span<char> room) noexcept;

/// Whether decode_base64url would take the text.
bool is_base64url(std::string_view text) noexcept;

/// The base64url text of bytes, without padding.
std::string encode_base64url(std::span<const unsigned char> data);

/// Whether a byte is of one of the two alphabets.
constexpr bool is_base64_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '+' || byte == '/' || byte == '-' || byte == '_';
}

/// What the most lenient reader makes of a text in either alphabet, padded or not, canonical or
/// not, with foreign bytes skipped, as Node, PHP and Python do. Only ever used to find that a text
/// is ambiguous.
std::string decode_base64_leniently(std::string_view text);

/// Bytes that decoding `size` characters may write.
constexpr std::size_t base64_decoded_size(std::size_t size) noexcept {
    return size / 4 * 3;
}

/// Bytes that decode_base64url needs for `size` characters: for the same text in base64, too.
constexpr std::size_t base64url_room(std::size_t size) noexcept {
    return (size + 3) / 4 * (3 + 4);
}

}  // namespace ipfence
