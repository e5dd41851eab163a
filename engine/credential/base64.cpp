#include "engine/credential/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <climits>
#include <iterator>

#include "engine/byte_block.hpp"

namespace ipfence {

namespace {

const unsigned char *bytes(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char *>(text.data());
}

// EVP_DecodeBlock counts the padding as decoded bytes and forgives white space and misplaced
// padding; comparing with the encoding of what came out sorts all of that out.
std::optional<std::size_t> decode_padded(std::string_view text, unsigned char *out) noexcept {
    if (text.size() % 4 != 0 || text.size() > INT_MAX) {
        return std::nullopt;
    }
    const int decoded = EVP_DecodeBlock(out, bytes(text), static_cast<int>(text.size()));
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (decoded < 0 || static_cast<std::size_t>(decoded) < padding) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(decoded) - padding;
}

// Compares piece by piece, so that no second copy of the text is needed.
bool encodes_to(std::span<const unsigned char> data, std::string_view text) noexcept {
    constexpr std::size_t kPiece = 48;
    std::array<unsigned char, kPiece / 3 * 4 + 1> encoded;  // EVP_EncodeBlock ends it with a NUL
    while (!data.empty()) {
        const auto piece = data.first(std::min(data.size(), kPiece));
        const int size =
            EVP_EncodeBlock(encoded.data(), piece.data(), static_cast<int>(piece.size()));
        const auto expected = text.substr(0, static_cast<std::size_t>(size));
        if (!std::ranges::equal(std::span(encoded).first(static_cast<std::size_t>(size)),
                                std::span(bytes(expected), expected.size()))) {
            return false;
        }
        data = data.subspan(piece.size());
        text.remove_prefix(expected.size());
    }
    return text.empty();
}

// base64url as base64 with padding, in `room`. Empty for a text with what only base64 has, or that
// OpenSSL would skip or take for padding; other foreign bytes it refuses. Looks at all bytes, many
// at a time, rather than stop at the first bad one: `&&` would keep g++ from it.
std::optional<std::string_view> to_standard_alphabet(std::string_view text,
                                                     std::span<char> room) noexcept {
    const auto standard = room.first((text.size() + 3) / 4 * 4);
    unsigned char found = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<signed char>(text[index]);
        const int is_foreign = ((byte < '0') & (byte != '-')) | (byte == '=');
        found = static_cast<unsigned char>(found | is_foreign);
        const signed char plus = byte == '-' ? '+' : byte;
        standard[index] = static_cast<char>(plus == '_' ? '/' : plus);
    }
    std::fill(standard.begin() + static_cast<std::ptrdiff_t>(text.size()), standard.end(), '=');
    return found == 0 ? std::optional(std::string_view(standard.data(), standard.size()))
                      : std::nullopt;
}

bool is_in_url_alphabet(std::string_view text) noexcept {
    return !any_byte(text, [](const ByteBlock &block) {
        return ~(is_letter(block) | is_between<'0', '9'>(block) | (block == each('-')) |
                 (block == each('_')));
    });
}

// RFC 4648, section 3.5: the last character's bits that mean nothing are 0.
bool ends_canonically(std::string_view text) noexcept {
    constexpr std::string_view kTwoBits = "AQgw";
    constexpr std::string_view kFourBits = "AEIMQUYcgkosw048";
    switch (text.size() % 4) {
        case 0:
            return true;
        case 2:
            return kTwoBits.find(text.back()) != std::string_view::npos;
        case 3:
            return kFourBits.find(text.back()) != std::string_view::npos;
        default:
            return false;
    }
}

}  // namespace

std::optional<std::string_view> decode_base64(std::string_view text, std::span<char> out) noexcept {
    auto *to = reinterpret_cast<unsigned char *>(out.data());
    const auto size = decode_padded(text, to);
    if (!size || !encodes_to({to, *size}, text)) {
        return std::nullopt;
    }
    return std::string_view(out.data(), *size);
}

std::optional<std::size_t> decode_base64url(std::string_view text, std::span<char> room) noexcept {
    const std::size_t most = (text.size() + 3) / 4 * 3;
    const auto standard = to_standard_alphabet(text, room.subspan(most));
    if (!standard || text.size() % 4 == 1) {
        return std::nullopt;
    }
    auto *decoded = reinterpret_cast<unsigned char *>(room.data());
    const auto size = decode_padded(*standard, decoded);
    // Bits of the last character that mean nothing are in what was decoded of the padding.
    const auto is_set = [](char byte) { return byte != 0; };
    return size && std::ranges::none_of(room.subspan(*size, most - *size), is_set) ? size
                                                                                   : std::nullopt;
}

std::optional<std::string> decode_base64url(std::string_view text) {
    std::string decoded(base64url_room(text.size()), '\0');
    const auto size = decode_base64url(text, decoded);
    if (!size) {
        return std::nullopt;
    }
    decoded.resize(*size);
    return decoded;
}

bool is_base64url(std::string_view text) noexcept {
    return is_in_url_alphabet(text) && ends_canonically(text);
}

std::string encode_base64url(std::span<const unsigned char> data) {
    std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), data.data(),
                                     static_cast<int>(data.size()));
    text.resize(static_cast<std::size_t>(size));
    text.erase(std::min(text.find('='), text.size()));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::string decode_base64_leniently(std::string_view text) {
    std::string kept;
    std::ranges::copy_if(text, std::back_inserter(kept), is_base64_byte);
    if (kept.size() % 4 == 1) {
        kept.pop_back();  // 6 bits are no byte
    }
    std::ranges::replace(kept, '-', '+');
    std::ranges::replace(kept, '_', '/');
    kept.resize((kept.size() + 3) / 4 * 4, '=');
    std::string decoded(base64_decoded_size(kept.size()), '\0');
    const auto size = decode_padded(kept, reinterpret_cast<unsigned char *>(decoded.data()));
    decoded.resize(size.value_or(0));
    return decoded;
}

}  // namespace ipfence
