#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/memory/digest.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What one machine tells the others, so that they do not go by copies of what has changed.
struct StoreEvent {
    enum class Kind : char {
        grant_changed = 'g',    ///< more is known of it
        grant_forgotten = 'G',  ///< its tokens are unknown from here on
        credential_forgotten = 'C',
        session_changed = 's',  ///< it received a grant
        session_forgotten = 'S',
    };
    Kind kind = Kind::grant_changed;
    Digest key;

    friend bool operator==(const StoreEvent &, const StoreEvent &) = default;
};

/// An event as it arrives, with its place in the order of all.
struct NumberedEvent {
    std::uint64_t generation = 0;
    StoreEvent event;
};

/// Writes and reads messages of the channel of events:
///
///   generation in decimal, `:`, kind, the key's 32 hexadecimal digits, 32 hexadecimal digits of
///   the keyed digest of channel, kind and key
///
/// Who can write to Redis cannot make one up, but may repeat one, or give it another number: that
/// makes the others ask the store more often, and no more.
class EventFormat {
  public:
    /// `key` is the event key of SharedKey; `channel` is what StoreNames calls it.
    EventFormat(const KeyedDigest::Key &key, std::string channel)
        : digest_(key), channel_(std::move(channel)) {}

    /// What follows the colon: Redis itself puts the generation before it. Empty when there is no
    /// memory.
    std::string write(const StoreEvent &event) const;

    /// Empty for anything that `write` did not write for this channel with this key: then an event
    /// may be missing, as GenerationTracker would say.
    std::optional<NumberedEvent> read(std::string_view message) const;

  private:
    KeyedDigest digest_;
    std::string channel_;
};

}  // namespace ipfence
