#include "engine/memory/digest.hpp"

#include <openssl/crypto.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>
#include <memory>
#include <new>

namespace ipfence {

static_assert(sizeof(Digest) == crypto_shorthash_siphashx24_BYTES);
static_assert(KeyedDigest::kKeySize == crypto_shorthash_siphashx24_KEYBYTES);

namespace {

// What is digested, in one piece, as libsodium takes it. Only a long token costs an allocation.
class Message {
  public:
    explicit Message(std::size_t size) noexcept
        : larger_(size > here_.size() ? new (std::nothrow) unsigned char[size] : nullptr),
          begin_(size > here_.size() ? larger_.get() : here_.data()),
          end_(begin_) {}

    bool has_room() const noexcept { return begin_ != nullptr; }

    void add(const void *bytes, std::size_t size) noexcept {
        end_ = std::copy_n(static_cast<const unsigned char *>(bytes), size, end_);
    }
    void add(std::string_view text) noexcept { add(text.data(), text.size()); }

    std::span<const unsigned char> bytes() const noexcept { return {begin_, end_}; }

  private:
    std::array<unsigned char, 2048> here_;
    const std::unique_ptr<unsigned char[]> larger_;
    unsigned char *const begin_;
    unsigned char *end_;
};

}  // namespace

KeyedDigest::~KeyedDigest() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::optional<Digest> KeyedDigest::digest(Role role, std::string_view scope,
                                          std::string_view text) const noexcept {
    // The scope's length keeps ("ab", "c") and ("a", "bc") apart.
    const std::uint64_t prefix =
        std::uint64_t{scope.size()} << 8 | static_cast<std::uint64_t>(role);
    Message message(sizeof(prefix) + scope.size() + text.size());
    if (!message.has_room()) {
        return std::nullopt;
    }
    message.add(&prefix, sizeof(prefix));
    message.add(scope);
    message.add(text);
    Digest digest;
    const auto bytes = message.bytes();
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char *>(digest.words.data()),
                                bytes.data(), bytes.size(), key_.data());
    return digest;
}

}  // namespace ipfence
