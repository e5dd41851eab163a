#include "engine/store/store_names.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace ipfence {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kMaxPrefix = 64;

bool is_prefix_byte(char byte) noexcept {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == ':' || byte == '-' || byte == '_' || byte == '.';
}

}  // namespace

bool StoreNames::is_prefix(std::string_view text) noexcept {
    return text.size() <= kMaxPrefix && std::ranges::all_of(text, is_prefix_byte);
}

std::string StoreNames::name(char kind, const Digest &key) const {
    return prefix_ + kind + ":{" + hex_of(key) + '}';
}

std::string hex_of(const Digest &digest) {
    // The bytes as the MAC has them, so that machines of either byte order write the same.
    std::array<unsigned char, sizeof(digest.words)> bytes;
    std::memcpy(bytes.data(), digest.words.data(), bytes.size());
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kHexDigits[byte >> 4];
        text += kHexDigits[byte & 15];
    }
    return text;
}

Digest digest_of_hex(std::string_view text) noexcept {
    std::array<unsigned char, sizeof(Digest::words)> bytes;
    Digest digest;
    if (text.size() != 2 * bytes.size()) {
        return digest;
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto high = kHexDigits.find(text[2 * at]);
        const auto low = kHexDigits.find(text[2 * at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return digest;
        }
        bytes[at] = static_cast<unsigned char>(high << 4 | low);
    }
    std::memcpy(digest.words.data(), bytes.data(), bytes.size());
    return digest;
}

}  // namespace ipfence
