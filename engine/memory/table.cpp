#include "engine/memory/table.hpp"

#include <array>
#include <atomic>

#include "engine/memory/eviction.hpp"

namespace ipfence {

namespace {

// Every access to shared memory goes by whole words, so that a reader who looks on while a record
// is written sees old or new words, and no compiler may assume that nobody writes.
using Word = std::uint64_t;
static_assert(std::atomic_ref<Word>::is_always_lock_free);

constexpr std::size_t kKeyWord = offsetof(RecordHeader, key) / sizeof(Word);

std::atomic_ref<Word> word(std::byte *place, std::size_t index) noexcept {
    return std::atomic_ref<Word>(reinterpret_cast<Word *>(place)[index]);
}

std::atomic_ref<Word> word(const std::byte *place, std::size_t index) noexcept {
    return word(const_cast<std::byte *>(place), index);  // only ever loaded from
}

bool has_key(const std::byte *place, const Digest &key) noexcept {
    return word(place, kKeyWord).load(std::memory_order_relaxed) == key.words[0] &&
           word(place, kKeyWord + 1).load(std::memory_order_relaxed) == key.words[1];
}

bool is_being_written(Word version) noexcept {
    return version % 2 != 0;
}

const RecordHeader &header_of(const void *record) noexcept {
    return *static_cast<const RecordHeader *>(record);
}

bool is_live(const RecordHeader &header, Seconds now) noexcept {
    return header.key && now < header.expires;
}

}  // namespace

Table::Table(std::span<std::byte> places, std::size_t record_size,
             std::span<SharedLock> locks) noexcept
    : places_(places.data()),
      record_size_(record_size),
      sets_(places.size() / (record_size * kWays)),
      locks_(locks) {}

std::size_t Table::set_of(const Digest &key) const noexcept {
    // The high half of the product spreads the keys evenly over any number of sets.
    return static_cast<std::size_t>((static_cast<unsigned __int128>(key.words[0]) * sets_) >> 64);
}

SharedLock &Table::lock_of(const Digest &key) const noexcept {
    return locks_[set_of(key) % locks_.size()];
}

std::byte *Table::place_at(std::size_t set, std::size_t way) const noexcept {
    return places_ + (set * kWays + way) * record_size_;
}

bool Table::copy_stable(const std::byte *place, void *record) const noexcept {
    // A writer needs some 20 ns for a record; one that needs this long is dead, or as good as.
    constexpr int kTries = 1000;
    auto *to = static_cast<std::byte *>(record);

    for (int i = 0; i < kTries; ++i) {
        const Word version = word(place, 0).load(std::memory_order_acquire);
        if (is_being_written(version)) {
            continue;
        }
        for (std::size_t at = 0; at < record_size_ / sizeof(Word); ++at) {
            const Word value = word(place, at).load(std::memory_order_relaxed);
            std::memcpy(to + at * sizeof(Word), &value, sizeof(value));
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (word(place, 0).load(std::memory_order_relaxed) == version) {
            return true;
        }
    }
    return false;
}

bool Table::read(const Digest &key, Seconds now, void *record) const noexcept {
    const std::size_t set = set_of(key);
    for (std::size_t way = 0; way < kWays; ++way) {
        const std::byte *place = place_at(set, way);
        if (has_key(place, key) && copy_stable(place, record) && header_of(record).key == key) {
            return is_live(header_of(record), now);
        }
    }
    return false;
}

bool Table::read_place(std::size_t place, Seconds now, void *record) const noexcept {
    return copy_stable(place_at(place / kWays, place % kWays), record) &&
           is_live(header_of(record), now);
}

std::byte *Table::find_place(const Digest &key, Seconds now, void *record) noexcept {
    const std::size_t set = set_of(key);
    for (std::size_t way = 0; way < kWays; ++way) {
        std::byte *place = place_at(set, way);
        if (has_key(place, key) && copy_stable(place, record) && is_live(header_of(record), now)) {
            return place;
        }
    }
    return nullptr;
}

void Table::put(std::byte *place, const void *record) noexcept {
    const auto *from = static_cast<const std::byte *>(record);
    // Odd from here on, also when a writer died here before.
    const Word writing = word(place, 0).load(std::memory_order_relaxed) | 1;
    word(place, 0).store(writing, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t at = 1; at < record_size_ / sizeof(Word); ++at) {
        Word value;
        std::memcpy(&value, from + at * sizeof(Word), sizeof(value));
        word(place, at).store(value, std::memory_order_relaxed);
    }
    word(place, 0).store(writing + 1, std::memory_order_release);
}

Stored Table::write(const RecordHeader &header, const void *record, Seconds now) noexcept {
    const SharedLockGuard guard(lock_of(header.key));
    return guard ? write_locked(header, record, now) : Stored::refused;
}

Stored Table::write_locked(const RecordHeader &header, const void *record, Seconds now) noexcept {
    if (sets_ == 0) {
        return Stored::refused;
    }
    const std::size_t set = set_of(header.key);
    std::array<RecordHeader, kWays> live;
    std::byte *free = nullptr;
    for (std::size_t way = 0; way < kWays; ++way) {
        std::byte *place = place_at(set, way);
        std::array<std::byte, sizeof(GrantRecord)> copy;  // the largest record
        // Nobody else writes here now: what is not stable was left by a writer that died.
        if (!copy_stable(place, copy.data())) {
            free = place;
            continue;
        }
        std::memcpy(&live[way], copy.data(), sizeof(RecordHeader));
        if (live[way].key == header.key) {
            put(place, record);
            return Stored::stored;
        }
        if (free == nullptr && !is_live(live[way], now)) {
            free = place;
        }
    }
    if (free != nullptr) {
        put(free, record);
        return Stored::stored;
    }
    const auto victim = choose_victim(live, header);
    if (!victim) {
        return Stored::refused;
    }
    put(place_at(set, *victim), record);
    return Stored::evicting;
}

void Table::remove(const Digest &key) noexcept {
    const SharedLockGuard guard(lock_of(key));
    const std::size_t set = set_of(key);
    for (std::size_t way = 0; guard && way < kWays; ++way) {
        if (has_key(place_at(set, way), key)) {
            constexpr GrantRecord kNothing{};
            put(place_at(set, way), &kNothing);
        }
    }
}

}  // namespace ipfence
