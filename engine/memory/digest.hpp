#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <openssl/evp.h>

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

/// Digests texts under the key of one zone. Keeps a keyed context, so that a digest costs the
/// hashing and little else. Not to be shared by threads.
class KeyedDigest {
  public:
    static constexpr std::size_t kKeySize = 32;

    /// Fails when OpenSSL has no HMAC or SHA-256, or there is no memory.
    static Result<KeyedDigest> with_key(std::span<const unsigned char, kKeySize> key);

    /// Digests the concatenation of `scope` and `text` in `role`, each set off from the others.
    /// Empty when OpenSSL fails, which is no memory.
    std::optional<Digest> digest(Role role, std::string_view scope,
                                 std::string_view text) const noexcept;

  private:
    struct Free {
        void operator()(EVP_MAC_CTX *context) const noexcept { EVP_MAC_CTX_free(context); }
    };
    using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

    explicit KeyedDigest(Context context) noexcept : context_(std::move(context)) {}

    Context context_;
};

}  // namespace ipfence
