#pragma once

#include <string>
#include <string_view>

#include "engine/memory/digest.hpp"

namespace ipfence {

/// The names that the store's keys have in Redis. Only the prefix, a letter and hexadecimal digits:
/// nothing from outside ever is part of a command's syntax or of a cluster's hash tag (L17).
class StoreNames {
  public:
    /// Whether a text may be the prefix: letters, digits and `:-_.`, 64 at most.
    static bool is_prefix(std::string_view text) noexcept;

    explicit StoreNames(std::string prefix) : prefix_(std::move(prefix)) {}

    std::string credential(const Digest &key) const { return name('c', key); }
    std::string grant(const Digest &key) const { return name('g', key); }
    /// A hash; its fields are the digests of the grants that the session received.
    std::string session(const Digest &key) const { return name('s', key); }
    /// Counts the events that were published.
    std::string generation() const { return prefix_ + "generation"; }
    /// The channel of events.
    std::string events() const { return prefix_ + "events"; }

  private:
    std::string name(char kind, const Digest &key) const;

    std::string prefix_;
};

/// The 32 hexadecimal digits of a digest.
std::string hex_of(const Digest &digest);

/// Reads what `hex_of` wrote, and nothing else; all zero, which is no digest, for any other text.
Digest digest_of_hex(std::string_view text) noexcept;

}  // namespace ipfence
