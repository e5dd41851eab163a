#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <openssl/sha.h>

#include "engine/result.hpp"

namespace ipfence {

/// What stands in memory for a secret: the first 128 bits of its HMAC-SHA-256 (L10). All zero is no
/// digest of anything.
struct Digest {
    std::array<std::uint64_t, 2> words{};

    explicit operator bool() const noexcept { return (words[0] | words[1]) != 0; }
    friend bool operator==(const Digest &, const Digest &) = default;
};

/// The digest of the `index`-th part of what `digest` stands for.
constexpr Digest part_of(const Digest &digest, unsigned index) noexcept {
    constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
    return {{digest.words[0] ^ (kGoldenRatio * (index + 1)), digest.words[1]}};
}

/// What a digested text is; the same text is another secret in another role.
enum class Role : std::uint8_t { code = 1, token, session, grant, owner, event };

/// Digests texts under the key of one zone. Keeps SHA-256 as it is after each of the two blocks
/// that HMAC (RFC 2104, section 4) makes of its key, so that a digest costs the hashing and little
/// else.
class KeyedDigest {
  public:
    static constexpr std::size_t kKeySize = 32;

    /// Fails when OpenSSL does.
    static Result<KeyedDigest> with_key(std::span<const unsigned char, kKeySize> key);

    KeyedDigest(const KeyedDigest &) = default;
    KeyedDigest &operator=(const KeyedDigest &) = default;
    ~KeyedDigest();

    /// Digests the concatenation of `scope` and `text` in `role`, each set off from the others.
    /// Empty when OpenSSL fails.
    std::optional<Digest> digest(Role role, std::string_view scope,
                                 std::string_view text) const noexcept;

  private:
    KeyedDigest() noexcept = default;

    SHA256_CTX inner_;
    SHA256_CTX outer_;
};

}  // namespace ipfence
