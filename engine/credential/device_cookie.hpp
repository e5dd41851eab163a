#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"

namespace ipfence {

/// The keys of `ipfence_device_cookie`: the first one signs, all of them verify, so that a key is
/// rotated by putting a new one above it. Erases them when it is destroyed.
class DeviceKeys {
  public:
    /// HMAC-SHA-256, of which the key should be as long as the digest (RFC 2104, section 3).
    static constexpr std::size_t kMinKeyBytes = 32;

    /// Reads a key file: one key a line, in hexadecimal, of at least kMinKeyBytes; empty lines and
    /// lines that begin with `#` are skipped. The error names the line, and never shows its text.
    static Result<DeviceKeys> parse(std::string_view text);

    DeviceKeys(DeviceKeys &&) noexcept = default;
    DeviceKeys &operator=(DeviceKeys &&) noexcept = default;
    ~DeviceKeys();

    const std::vector<std::vector<unsigned char>> &keys() const noexcept { return keys_; }

  private:
    DeviceKeys() = default;
    std::vector<std::vector<unsigned char>> keys_;
};

/// What stands in a cookie for a device: random bytes; and for its user: a keyed digest of the
/// name.
using DeviceTag = std::array<unsigned char, 16>;

/// What a device cookie that verified says.
struct ActivatedDevice {
    DeviceTag device{};        ///< made when the device was first marked
    DeviceTag user_tag{};      ///< see `is_device_of`
    std::int64_t expires = 0;  ///< Unix time in seconds
};

/// The value of a new device cookie for `user`: base64url of version, expiry, device, user tag and
/// an HMAC over all of them, by the first key. `device` is the one of the cookie that it replaces,
/// or new random bytes. Unix time in seconds.
std::string make_device_cookie(const DeviceKeys &keys, std::string_view user,
                               const DeviceTag &device, std::int64_t expires);

/// Reads a device cookie. Empty when it is not one that any of the keys made, when it has expired,
/// or when its text is not canonical. Compares in constant time.
std::optional<ActivatedDevice> read_device_cookie(const DeviceKeys &keys, std::string_view value,
                                                  std::int64_t now);

/// Whether `user` is the one whose identity was verified on the device. True only for exactly the
/// name that it was made for, under any of the keys (J07: it relaxes its own user only).
bool is_device_of(const DeviceKeys &keys, const DeviceTag &user_tag, std::string_view user);

}  // namespace ipfence
