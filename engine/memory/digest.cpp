#include "engine/memory/digest.hpp"

#include <openssl/crypto.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace ipfence {

static_assert(sizeof(Digest) == crypto_shorthash_siphashx24_BYTES);
static_assert(KeyedDigest::kKeySize == crypto_shorthash_siphashx24_KEYBYTES);

namespace {

unsigned char *append(unsigned char *end, std::string_view text) noexcept {
    return std::copy_n(reinterpret_cast<const unsigned char *>(text.data()), text.size(), end);
}

}  // namespace

KeyedDigest::~KeyedDigest() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    // The scope's length keeps ("ab", "c") and ("a", "bc") apart.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    const std::size_t size = sizeof(prefix) + scope.size() + text.size();

    // What is digested, in one piece, as libsodium takes it. Only a long token costs an allocation.
    std::array<unsigned char, 2048> here;
    std::unique_ptr<unsigned char[]> larger;
    unsigned char *message = here.data();
    if (size > here.size()) [[unlikely]] {
        larger.reset(new (std::nothrow) unsigned char[size]);
        message = larger.get();
        if (message == nullptr) {
            return std::nullopt;
        }
    }
    std::memcpy(message, &prefix, sizeof(prefix));
    append(append(message + sizeof(prefix), scope), text);
    std::optional<Digest> digest(std::in_place);
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char *>(digest->words.data()), message,
                                size, key_.data());
    return digest;
}

}  // namespace ipfence
