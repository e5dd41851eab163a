#include "engine/credential/device_cookie.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "engine/credential/base64.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

using Key = std::vector<unsigned char>;
using Mac = std::array<unsigned char, 32>;

// The bytes of a cookie, in this order: version, expiry (big-endian), device, user tag, MAC of all
// of them.
constexpr unsigned char kVersion = 1;
constexpr std::size_t kExpirySize = 8;
constexpr std::size_t kSignedSize = 1 + kExpirySize + 2 * sizeof(DeviceTag);
using SignedPart = std::array<unsigned char, kSignedSize>;
constexpr std::size_t kCookieSize = kSignedSize + sizeof(Mac);

// One key has two uses; what begins the text keeps them apart. Empty when OpenSSL fails.
std::optional<Mac> mac_of(const Key &key, unsigned char use, std::string_view text) {
    std::vector<unsigned char> input{use};
    input.insert(input.end(), text.begin(), text.end());
    Mac mac;
    unsigned size = 0;
    const auto *done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), input.data(),
                            input.size(), mac.data(), &size);
    return done != nullptr && size == mac.size() ? std::optional(mac) : std::nullopt;
}

std::optional<Mac> sign(const Key &key, const SignedPart &part) {
    return mac_of(key, 'd', {reinterpret_cast<const char *>(part.data()), part.size()});
}

std::optional<DeviceTag> tag_of(const Key &key, std::string_view user) {
    const auto mac = mac_of(key, 'u', user);
    if (!mac) {
        return std::nullopt;
    }
    DeviceTag tag;
    std::copy_n(mac->begin(), tag.size(), tag.begin());
    return tag;
}

SignedPart pack(const ActivatedDevice &device) noexcept {
    SignedPart part;
    part[0] = kVersion;
    for (std::size_t at = 0; at < kExpirySize; ++at) {
        const auto shift = 8 * (kExpirySize - 1 - at);
        part[1 + at] =
            static_cast<unsigned char>(static_cast<std::uint64_t>(device.expires) >> shift);
    }
    auto *end = std::ranges::copy(device.device, part.begin() + 1 + kExpirySize).out;
    std::ranges::copy(device.user_tag, end);
    return part;
}

ActivatedDevice unpack(std::span<const unsigned char, kSignedSize> part) noexcept {
    ActivatedDevice device;
    std::uint64_t expires = 0;
    for (const unsigned char byte : part.subspan<1, kExpirySize>()) {
        expires = expires << 8 | byte;
    }
    device.expires = static_cast<std::int64_t>(expires);
    std::ranges::copy(part.subspan<1 + kExpirySize, sizeof(DeviceTag)>(), device.device.begin());
    std::ranges::copy(part.last<sizeof(DeviceTag)>(), device.user_tag.begin());
    return device;
}

Result<Key> parse_key(std::string_view line, std::size_t number) {
    const auto where = "line " + std::to_string(number) + ": ";
    // OPENSSL_hexstr2buf_ex would also take separators and needs a terminated copy.
    const std::string text(line);
    Key key(text.size() / 2);
    std::size_t size = 0;
    if (text.size() % 2 != 0 || text.find(':') != std::string::npos ||
        OPENSSL_hexstr2buf_ex(key.data(), key.size(), &size, text.c_str(), '\0') != 1 ||
        size != key.size()) {
        return Error{where +
                     "a key is an even number of hexadecimal digits and nothing else "
                     "(openssl rand -hex 32)"};
    }
    if (key.size() < DeviceKeys::kMinKeyBytes) {
        return Error{where + "a key has at least 64 hexadecimal digits (openssl rand -hex 32)"};
    }
    return key;
}

}  // namespace

Result<DeviceKeys> DeviceKeys::parse(std::string_view text) {
    DeviceKeys keys;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = take_until(text, '\n');
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        auto key = parse_key(line, number);
        if (!key) {
            return key.error();
        }
        keys.keys_.push_back(std::move(key).value());
    }
    if (keys.keys_.empty()) {
        return Error{"the file has no key (openssl rand -hex 32)"};
    }
    return keys;
}

DeviceKeys::~DeviceKeys() {
    for (Key &key : keys_) {
        OPENSSL_cleanse(key.data(), key.size());
    }
}

std::string make_device_cookie(const DeviceKeys &keys, std::string_view user,
                               const DeviceTag &device, std::int64_t expires) {
    const Key &key = keys.keys().front();
    const auto tag = tag_of(key, user);
    if (!tag) {
        return {};
    }
    const SignedPart part = pack({device, *tag, expires});
    const auto mac = sign(key, part);
    if (!mac) {
        return {};
    }
    std::vector<unsigned char> cookie(part.begin(), part.end());
    cookie.insert(cookie.end(), mac->begin(), mac->end());
    return encode_base64url(cookie);
}

std::optional<ActivatedDevice> read_device_cookie(const DeviceKeys &keys, std::string_view value,
                                                  std::int64_t now) {
    constexpr std::size_t kLongestText = (kCookieSize + 2) / 3 * 4;
    const auto decoded = value.size() <= kLongestText ? decode_base64url(value) : std::nullopt;
    if (!decoded || decoded->size() != kCookieSize) {
        return std::nullopt;
    }
    SignedPart part;
    std::memcpy(part.data(), decoded->data(), part.size());
    const bool verified = std::ranges::any_of(keys.keys(), [&](const Key &key) {
        const auto mac = sign(key, part);
        return mac && CRYPTO_memcmp(mac->data(), decoded->data() + part.size(), mac->size()) == 0;
    });
    if (!verified || part[0] != kVersion) {
        return std::nullopt;
    }
    const ActivatedDevice device = unpack(part);
    return now < device.expires ? std::optional(device) : std::nullopt;
}

bool is_device_of(const DeviceKeys &keys, const DeviceTag &user_tag, std::string_view user) {
    return std::ranges::any_of(keys.keys(), [&](const Key &key) {
        const auto tag = tag_of(key, user);
        return tag && CRYPTO_memcmp(tag->data(), user_tag.data(), tag->size()) == 0;
    });
}

}  // namespace ipfence
