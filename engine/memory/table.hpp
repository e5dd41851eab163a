#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/memory/record.hpp"
#include "engine/memory/shared_lock.hpp"

namespace ipfence {

/// What became of a record that was to be stored.
enum class Stored : std::uint8_t {
    stored,    ///< in a free place, or in that of an expired one or of its former self
    evicting,  ///< in the place of another one that was still live: the table is too small
    refused,   ///< not at all: all of its places hold records that matter more, or no lock
};

/// A hash table of records of one size in memory that processes share and that the caller supplies.
///
/// Places are grouped in sets of kWays; a key belongs in one set, and since keys are keyed digests
/// nobody outside can choose which, and prefers one place of it. A set begins with one cache line
/// of tags, 16 bits of each place's key: a lookup reads the preferred place, and where its record
/// had to go elsewhere, that line and seldom more than one record. Sets of this size give up a live
/// record for want of room only when the table is more than half full.
///
/// Readers take no lock: a record has a version that is odd while it is written, and a reader that
/// meets an odd or changed version tries again, a bounded number of times, and then believes
/// nothing. Writers lock one stripe of sets. A place gets another key's tag while its record is
/// being written, so that a whole record always has its own: a writer that is killed leaves a place
/// that nobody believes and the next writer of the set reuses.
///
/// Eviction. A full set gives up, in this order: what is expired; what is derived, before what is
/// learned; of those, a record of the owner who has most of the set, the newcomer counted; of
/// those, the one that expires first. What is derived never evicts what is learned. So whoever
/// floods the table evicts himself as soon as he has two records in a set; in a table that is
/// really full of other users he can take one place of 32 of each set and no more, and each costs
/// him a credential that the provider issued to him.
class Table {
  public:
    static constexpr std::size_t kWays = 32;
    static constexpr std::size_t kLine = 64;  ///< bytes of a cache line

    /// Bytes of a set of records of a size.
    static constexpr std::size_t set_size(std::size_t record_size) noexcept {
        return kWays * (sizeof(std::uint16_t) + record_size);
    }

    /// A table over `places`, of records of `record_size` bytes (a multiple of kLine); `locks` must
    /// be initialized and not empty. Memory that is all zero is an empty table; each set should
    /// begin on a cache line.
    Table(std::span<std::byte> places, std::size_t record_size,
          std::span<SharedLock> locks) noexcept;

    /// How many records have a place.
    std::size_t capacity() const noexcept { return sets_ * kWays; }

    /// A copy of the live record with this key.
    template <class Record>
    std::optional<Record> find(const Digest &key, Seconds now) const noexcept {
        std::optional<Record> record(std::in_place);
        if (!find(key, now, *record)) {
            record.reset();
        }
        return record;
    }

    /// The same, into `record`, which is of no use where there is none: false.
    template <class Record>
    bool find(const Digest &key, Seconds now, Record &record) const noexcept {
        return read<sizeof(Record)>(key, now, &record);
    }

    /// Stores a record under its key, in place of an older one of that key. Where there is none,
    /// one that nobody would find takes no place.
    template <class Record>
    Stored store(const Record &record, Seconds now) noexcept {
        return write(record.header, &record, now);
    }

    /// Changes the live record with this key by `change(Record &)`, which returns whether there is
    /// anything to change, while no other writer can. False when there is none, or no lock.
    template <class Record, class Change>
    bool update(const Digest &key, Seconds now, Change &&change) noexcept {
        const SharedLockGuard guard(lock_of(key));
        Record record;
        const std::size_t way = guard ? find_way<sizeof(Record)>(key, now, &record) : kWays;
        if (way == kWays || !change(record)) {
            return false;
        }
        put(set_of(key), way, &record);
        return true;
    }

    /// The same, but a record that is not there is first made of `initial`, whose key it is.
    template <class Record, class Change>
    Stored change_or_store(const Record &initial, Seconds now, Change &&change) noexcept {
        const SharedLockGuard guard(lock_of(initial.header.key));
        if (!guard) {
            return Stored::refused;
        }
        Record record;
        if (find_way<sizeof(Record)>(initial.header.key, now, &record) == kWays) {
            record = initial;
        }
        change(record);
        return write_locked(record.header, &record, now);
    }

    /// Removes the record with this key, if there is one.
    void remove(const Digest &key) noexcept;

    /// A copy of the live record in a place, whatever its key; empty where there is none. For
    /// those who go through the whole table: `place` is less than capacity().
    template <class Record>
    std::optional<Record> at(std::size_t place, Seconds now) const noexcept {
        Record record;
        return read_place<sizeof(Record)>(place, now, &record) ? std::optional(record)
                                                               : std::nullopt;
    }

    /// About how many records are live, by as many of the sets, which lie evenly among all. Keys
    /// are spread over the sets by chance, so a few hundred say it; and a set is one piece of
    /// memory, where as many places from anywhere would each be a page that is not at hand.
    template <class Record>
    std::size_t estimate_live(std::size_t most_sets, Seconds now) const noexcept {
        const std::size_t looked_at = std::min(most_sets, sets_);
        std::size_t live = 0;
        for (std::size_t index = 0; index < looked_at; ++index) {
            const std::size_t first = index * sets_ / looked_at * kWays;
            for (std::size_t place = first; place < first + kWays; ++place) {
                live += at<Record>(place, now) ? 1U : 0U;
            }
        }
        return live * sets_ / std::max<std::size_t>(looked_at, 1);
    }

  private:
    std::byte *set_of(const Digest &key) const noexcept;
    std::size_t index_of(const Digest &key) const noexcept;
    SharedLock &lock_of(const Digest &key) const noexcept;
    std::byte *place_in(std::byte *set, std::size_t way) const noexcept;
    template <class Visit>
    std::size_t find_key(const Digest &key, Visit &&visit) const noexcept;
    std::size_t find_any(const Digest &key) const noexcept;

    // Of records of this size, which is the table's.
    template <std::size_t kSize>
    bool read(const Digest &key, Seconds now, void *record) const noexcept;
    template <std::size_t kSize>
    bool read_place(std::size_t place, Seconds now, void *record) const noexcept;
    template <std::size_t kSize>
    std::size_t find_way(const Digest &key, Seconds now, void *record) const noexcept;

    std::size_t free_way(const std::byte *set, const RecordHeader &newcomer, Seconds now,
                         Stored &stored) const noexcept;
    Stored write(const RecordHeader &header, const void *record, Seconds now) noexcept;
    Stored write_locked(const RecordHeader &header, const void *record, Seconds now) noexcept;
    void put(std::byte *set, std::size_t way, const void *record) noexcept;

    std::byte *places_;
    std::size_t record_size_;
    std::size_t sets_;
    std::span<SharedLock> locks_;
};

}  // namespace ipfence
