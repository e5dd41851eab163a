// SHA-256 itself rather than EVP_MAC, whose contexts are duplicated on the heap twice a digest:
// that took 828 ns for a token of 43 bytes, and this takes 297. OpenSSL calls these functions
// deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "engine/memory/digest.hpp"

#include <openssl/crypto.h>

#include <cstring>

namespace ipfence {

namespace {

using Block = std::array<unsigned char, SHA256_CBLOCK>;

bool update(SHA256_CTX &state, const void *data, std::size_t size) noexcept {
    return SHA256_Update(&state, data, size) == 1;
}

bool update(SHA256_CTX &state, std::string_view text) noexcept {
    return update(state, text.data(), text.size());
}

// A state that has seen nothing but the key, padded and masked.
bool begin(SHA256_CTX &state, std::span<const unsigned char> key, unsigned char mask) noexcept {
    Block block;
    block.fill(mask);
    for (std::size_t i = 0; i < key.size(); ++i) {
        block[i] ^= key[i];
    }
    const bool begun = SHA256_Init(&state) == 1 && update(state, block.data(), block.size());
    OPENSSL_cleanse(block.data(), block.size());
    return begun;
}

// A copy of a keyed state, which says as much as the key.
class Hashing {
  public:
    explicit Hashing(const SHA256_CTX &keyed) noexcept : state_(keyed) {}
    Hashing(const Hashing &) = delete;
    Hashing &operator=(const Hashing &) = delete;
    ~Hashing() { OPENSSL_cleanse(&state_, sizeof(state_)); }

    SHA256_CTX &state() noexcept { return state_; }

  private:
    SHA256_CTX state_;
};

}  // namespace

Result<KeyedDigest> KeyedDigest::with_key(std::span<const unsigned char, kKeySize> key) {
    constexpr unsigned char kInnerMask = 0x36;
    constexpr unsigned char kOuterMask = 0x5c;
    KeyedDigest digest;
    if (!begin(digest.inner_, key, kInnerMask) || !begin(digest.outer_, key, kOuterMask)) {
        return Error{"OpenSSL has no SHA-256"};
    }
    return digest;
}

KeyedDigest::~KeyedDigest() {
    OPENSSL_cleanse(&inner_, sizeof(inner_));
    OPENSSL_cleanse(&outer_, sizeof(outer_));
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    // The scope's length keeps ("ab", "c") and ("a", "bc") apart. With so short a prefix a token of
    // 32 random bytes fits into one block of SHA-256.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
    Hashing inner(inner_);
    Hashing outer(outer_);
    if (!update(inner.state(), &prefix, sizeof(prefix)) || !update(inner.state(), scope) ||
        !update(inner.state(), text) || SHA256_Final(hash.data(), &inner.state()) != 1 ||
        !update(outer.state(), hash.data(), hash.size()) ||
        SHA256_Final(hash.data(), &outer.state()) != 1) {
        return std::nullopt;
    }
    Digest digest;
    std::memcpy(digest.words.data(), hash.data(), sizeof(digest.words));
    return digest;
}

}  // namespace ipfence
