#pragma once

#include <array>
#include <string_view>

#include "engine/memory/zone.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What the nodes of one store have in common and Redis does not: derived from the key file of
/// `ipfence_store` by HKDF-SHA-256 (RFC 5869), for one use each. Erased when it is destroyed.
class SharedKey {
  public:
    /// As long as the hash; HKDF makes no key stronger (RFC 5869, section 4).
    static constexpr std::size_t kMinBytes = 32;
    static constexpr std::size_t kSealingKeySize = 32;
    using SealingKey = std::array<unsigned char, kSealingKeySize>;

    /// Reads a key file: at least kMinBytes random bytes as base64 in one line, as `openssl rand
    /// -base64 32` writes it. Empty lines and lines that begin with `#` are skipped. The error
    /// never shows the text.
    static Result<SharedKey> parse(std::string_view text);

    SharedKey(const SharedKey &) = default;
    SharedKey &operator=(const SharedKey &) = default;
    ~SharedKey();

    /// The key of the zone's digests, so that a credential has the same digest on every node.
    const Zone::Key &digest_key() const noexcept { return digest_key_; }

    /// What values are sealed with.
    const SealingKey &sealing_key() const noexcept { return sealing_key_; }

    /// What events are authenticated with.
    const Zone::Key &event_key() const noexcept { return event_key_; }

  private:
    SharedKey() = default;

    Zone::Key digest_key_{};
    SealingKey sealing_key_{};
    Zone::Key event_key_{};
};

}  // namespace ipfence
