#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/memory/digest.hpp"
#include "engine/memory/table.hpp"
#include "engine/memory/trust.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What counts how a zone fares; shared by all processes that map it.
struct ZoneCounters {
    std::uint64_t evicted = 0;  ///< live records that gave way to others
    std::uint64_t refused = 0;  ///< records that found no place
};

/// A zone of shared memory: a header, locks, a table of credentials and a table of grants. Owns
/// nothing: the memory is the caller's, all zero before `create`, aligned to a page.
class Zone {
  public:
    /// Changes with every change of the layout or of a record; a zone of another format is no zone.
    static constexpr std::uint32_t kFormat = 6;
    static constexpr std::size_t kMinSize = std::size_t{256} * 1024;
    using Key = KeyedDigest::Key;

    /// Lays out a new zone; nobody else may see the memory yet.
    static Result<Zone> create(std::span<std::byte> memory, const Key &key);

    /// Takes up a zone that `create` laid out, perhaps in another process, in memory of this size.
    static Result<Zone> attach(std::span<std::byte> memory);

    const Key &key() const noexcept;
    Table &credentials() noexcept { return credentials_; }
    Table &grants() noexcept { return grants_; }
    const Table &credentials() const noexcept { return credentials_; }
    const Table &grants() const noexcept { return grants_; }

    /// Whoever changes more than one record of a session has this lock meanwhile, and takes those
    /// of the tables within.
    SharedLock &lock_of_session(const Digest &session) noexcept;

    /// Which records are trusted copies of what a shared store holds.
    Trust trust() const noexcept;

    /// Stores all live records of another zone with the same key.
    void take_over(const Zone &other, Seconds now) noexcept;

    /// What was counted since the zone was created.
    ZoneCounters counters() const noexcept;
    /// Counts what became of a record; returns it.
    Stored count(Stored stored) noexcept;

  private:
    struct Header;
    Zone(Header *header, std::span<std::byte> memory) noexcept;

    Header *header_;
    Table credentials_;
    Table grants_;
};

}  // namespace ipfence
