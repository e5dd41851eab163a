#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ipfence {

/// What stands in memory for a secret: 128 bits that need a key to make (L10). All zero is no
/// digest of anything.
struct Digest {
    std::array<std::uint64_t, 2> words{};

    explicit operator bool() const noexcept { return (words[0] | words[1]) != 0; }
    // Word by word: what an array has for it calls std::memcmp.
    friend constexpr bool operator==(const Digest &one, const Digest &other) noexcept {
        return one.words[0] == other.words[0] && one.words[1] == other.words[1];
    }
};

/// The digest of the `index`-th part of what `digest` stands for.
constexpr Digest part_of(const Digest &digest, unsigned index) noexcept {
    constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
    return {{digest.words[0] ^ (kGoldenRatio * (index + 1)), digest.words[1]}};
}

/// The bytes of a digest, to make another one of; a view on it.
inline std::string_view bytes_of(const Digest &digest) noexcept {
    return {reinterpret_cast<const char *>(digest.words.data()), sizeof(digest.words)};
}

/// What a digested text is; the same text is another secret in another role.
enum class Role : std::uint8_t { code = 1, token, session, grant, owner, event, provider };

/// Digests texts under the key of one zone, with SipHash-2-4 of 128 bits: a pseudorandom function
/// whose key no client has, and no client sees what it makes, so nobody can look for two texts of
/// one digest. It is libsodium's: a request pays for one to four of them, and OpenSSL's takes a
/// thousand instructions more for each than the digest itself.
class KeyedDigest {
  public:
    static constexpr std::size_t kKeySize = 16;
    using Key = std::array<unsigned char, kKeySize>;

    explicit KeyedDigest(const Key &key) noexcept : key_(key) {}
    KeyedDigest(KeyedDigest &&) noexcept = default;
    KeyedDigest &operator=(KeyedDigest &&) noexcept = default;
    ~KeyedDigest();

    /// Digests the concatenation of `scope` and `text` in `role`, each set off from the others.
    /// Empty when there is no memory, which only thousands of bytes need.
    std::optional<Digest> digest(Role role, std::string_view scope,
                                 std::string_view text) const noexcept;

  private:
    Key key_;
};

}  // namespace ipfence
