#include "engine/memory/table.hpp"

#include <array>
#include <atomic>
#include <cstring>

#include "engine/memory/eviction.hpp"

namespace ipfence {

namespace {

// Every access to shared memory goes by whole words, so that a reader who looks on while a record
// is written sees old or new words, and no compiler may assume that nobody writes.
using Word = std::uint64_t;
static_assert(std::atomic_ref<Word>::is_always_lock_free);

using Tag = std::uint16_t;
constexpr std::size_t kTagsPerWord = sizeof(Word) / sizeof(Tag);
constexpr std::size_t kTagWords = Table::kWays / kTagsPerWord;

constexpr std::size_t kKeyWord = offsetof(RecordHeader, key) / sizeof(Word);

std::atomic_ref<Word> word(std::byte *place, std::size_t index) noexcept {
    return std::atomic_ref<Word>(reinterpret_cast<Word *>(place)[index]);
}

std::atomic_ref<Word> word(const std::byte *place, std::size_t index) noexcept {
    return word(const_cast<std::byte *>(place), index);  // only ever loaded from
}

// The words of a record, a cache line of them without a loop.
template <class Visit>
void for_each_word(std::size_t record_size, Visit visit) noexcept {
    constexpr std::size_t kWordsInLine = Table::kLine / sizeof(Word);
    for (std::size_t line = 0; line < record_size / sizeof(Word); line += kWordsInLine) {
#pragma GCC unroll 8
        for (std::size_t at = line; at < line + kWordsInLine; ++at) {
            visit(at);
        }
    }
}

bool has_key(const std::byte *place, const Digest &key) noexcept {
    return word(place, kKeyWord).load(std::memory_order_relaxed) == key.words[0] &&
           word(place, kKeyWord + 1).load(std::memory_order_relaxed) == key.words[1];
}

// Never 0, which is the tag of a place without a record.
Tag tag_of(const Digest &key) noexcept {
    return static_cast<Tag>(key.words[1] >> 48 | 1);
}

// The way that a record has where it is free when the record comes: as good as any other, but known
// without a look at the tags.
std::size_t preferred_way(const Digest &key) noexcept {
    return key.words[1] % Table::kWays;
}

std::atomic_ref<Tag> tag_at(std::byte *set, std::size_t way) noexcept {
    return std::atomic_ref<Tag>(reinterpret_cast<Tag *>(set)[way]);
}

// Whether one of the four tags in a word is `tag`: the classic test for a zero in a word.
bool may_have(Word tags, Tag tag) noexcept {
    constexpr Word kOnes = 0x0001000100010001;
    const Word different = tags ^ (kOnes * tag);
    return ((different - kOnes) & ~different & (kOnes << 15)) != 0;
}

bool is_being_written(Word version) noexcept {
    return version % 2 != 0;
}

// The version of a place from here on, until its record is whole: odd, also when a writer died here
// before.
Word begin_writing(std::byte *place) noexcept {
    const Word writing = word(place, 0).load(std::memory_order_relaxed) | 1;
    word(place, 0).store(writing, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    return writing;
}

// Copies a record of `kSize` bytes, or so many of its first. False when it never was whole.
template <std::size_t kSize>
bool copy_stable(const std::byte *place, void *record) noexcept {
    // A writer needs some 20 ns for a record; one that needs this long is dead, or as good as.
    constexpr int kTries = 1000;
    auto *to = static_cast<std::byte *>(record);

    for (int i = 0; i < kTries; ++i) {
        const Word version = word(place, 0).load(std::memory_order_acquire);
        if (is_being_written(version)) {
            continue;
        }
        for_each_word(kSize, [&](std::size_t at) {
            const Word value = word(place, at).load(std::memory_order_relaxed);
            std::memcpy(to + at * sizeof(Word), &value, sizeof(value));
        });
        std::atomic_thread_fence(std::memory_order_acquire);
        if (word(place, 0).load(std::memory_order_relaxed) == version) {
            return true;
        }
    }
    return false;
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
      sets_(places.size() / set_size(record_size)),
      locks_(locks) {}

std::size_t Table::index_of(const Digest &key) const noexcept {
    // The high half of the product spreads the keys evenly over any number of sets.
    return static_cast<std::size_t>((static_cast<unsigned __int128>(key.words[0]) * sets_) >> 64);
}

std::byte *Table::set_of(const Digest &key) const noexcept {
    return places_ + index_of(key) * set_size(record_size_);
}

SharedLock &Table::lock_of(const Digest &key) const noexcept {
    return locks_[index_of(key) % locks_.size()];
}

std::byte *Table::place_in(std::byte *set, std::size_t way) const noexcept {
    return set + kWays * sizeof(Tag) + way * record_size_;
}

// The way of the first place with this key for which `visit` says so, or kWays. A record in the place that it prefers is
// found without the tags, which only come meanwhile: in a table larger than the processor's caches,
// memory is waited for once. Elsewhere a place must have the key's tag as well.
template <class Visit>
[[gnu::always_inline]] inline std::size_t Table::find_key(const Digest &key,
                                                          Visit &&visit) const noexcept {
    if (sets_ == 0) {
        return kWays;
    }
    std::byte *set = set_of(key);
    const std::byte *preferred = place_in(set, preferred_way(key));
    __builtin_prefetch(preferred + record_size_ / 2);  // lines come in pairs
    __builtin_prefetch(set);
    if (has_key(preferred, key) && visit(preferred)) {
        return preferred_way(key);
    }
    const Tag tag = tag_of(key);
    for (std::size_t index = 0; index < kTagWords; ++index) {
        if (!may_have(word(set, index).load(std::memory_order_acquire), tag)) {
            continue;
        }
        for (std::size_t way = index * kTagsPerWord; way < (index + 1) * kTagsPerWord; ++way) {
            const std::byte *place = place_in(set, way);
            if (tag_at(set, way).load(std::memory_order_acquire) == tag && has_key(place, key) &&
                visit(place)) {
                return way;
            }
        }
    }
    return kWays;
}

template <std::size_t kSize>
bool Table::read(const Digest &key, Seconds now, void *record) const noexcept {
    return find_key(key, [&](const std::byte *place) {
               return copy_stable<kSize>(place, record) && header_of(record).key == key &&
                      is_live(header_of(record), now);
           }) != kWays;
}

template <std::size_t kSize>
std::size_t Table::find_way(const Digest &key, Seconds now, void *record) const noexcept {
    return find_key(key, [&](const std::byte *place) {
        return copy_stable<kSize>(place, record) && is_live(header_of(record), now);
    });
}

std::size_t Table::find_any(const Digest &key) const noexcept {
    return key ? find_key(key, [](const std::byte *) { return true; }) : kWays;
}

template <std::size_t kSize>
bool Table::read_place(std::size_t place, Seconds now, void *record) const noexcept {
    std::byte *set = places_ + place / kWays * set_size(record_size_);
    return tag_at(set, place % kWays).load(std::memory_order_acquire) != 0 &&
           copy_stable<kSize>(place_in(set, place % kWays), record) &&
           is_live(header_of(record), now);
}

constexpr std::size_t kCredential = sizeof(CredentialRecord);
constexpr std::size_t kGrant = sizeof(GrantRecord);
template bool Table::read<kCredential>(const Digest &, Seconds, void *) const noexcept;
template bool Table::read<kGrant>(const Digest &, Seconds, void *) const noexcept;
template bool Table::read_place<kCredential>(std::size_t, Seconds, void *) const noexcept;
template bool Table::read_place<kGrant>(std::size_t, Seconds, void *) const noexcept;
template std::size_t Table::find_way<kCredential>(const Digest &, Seconds, void *) const noexcept;
template std::size_t Table::find_way<kGrant>(const Digest &, Seconds, void *) const noexcept;

void Table::put(std::byte *set, std::size_t way, const void *record) noexcept {
    const auto *from = static_cast<const std::byte *>(record);
    const Digest &key = header_of(record).key;
    std::byte *place = place_in(set, way);
    const Word writing = begin_writing(place);
    tag_at(set, way).store(key ? tag_of(key) : Tag{0}, std::memory_order_relaxed);
    for_each_word(record_size_, [&](std::size_t at) {
        Word value;
        std::memcpy(&value, from + at * sizeof(Word), sizeof(value));
        word(place, at).store(at == 0 ? writing : value, std::memory_order_relaxed);
    });
    word(place, 0).store(writing + 1, std::memory_order_release);
}

// A way without a record, the preferred one if it is such a one; else one that gives way to the
// newcomer; kWays when none does.
std::size_t Table::free_way(const std::byte *set, const RecordHeader &newcomer, Seconds now,
                            Stored &stored) const noexcept {
    auto *places = const_cast<std::byte *>(set);  // only ever loaded from
    std::array<RecordHeader, kWays> live;
    for (std::size_t turn = 0; turn < kWays; ++turn) {
        const std::size_t way = (preferred_way(newcomer.key) + turn) % kWays;
        std::array<std::byte, kLine> copy;  // the header is in it
        static_assert(sizeof(RecordHeader) <= kLine);
        // Nobody else writes here now: what is not stable was left by a writer that died.
        if (tag_at(places, way).load(std::memory_order_relaxed) == 0 ||
            !copy_stable<kLine>(place_in(places, way), copy.data())) {
            return way;
        }
        std::memcpy(&live[way], copy.data(), sizeof(RecordHeader));
        if (!is_live(live[way], now)) {
            return way;
        }
    }
    const auto victim = choose_victim(live, newcomer);
    stored = victim ? Stored::evicting : Stored::refused;
    return victim.value_or(kWays);
}

Stored Table::write(const RecordHeader &header, const void *record, Seconds now) noexcept {
    const SharedLockGuard guard(lock_of(header.key));
    return guard ? write_locked(header, record, now) : Stored::refused;
}

Stored Table::write_locked(const RecordHeader &header, const void *record, Seconds now) noexcept {
    if (sets_ == 0) {
        return Stored::refused;
    }
    std::byte *set = set_of(header.key);
    Stored stored = Stored::stored;
    std::size_t way = find_any(header.key);  // its former self, whole or not
    if (way == kWays) {
        if (!is_live(header, now)) {
            return stored;
        }
        way = free_way(set, header, now, stored);
    }
    if (way < kWays) {
        put(set, way, record);
    }
    return stored;
}

void Table::remove(const Digest &key) noexcept {
    const SharedLockGuard guard(lock_of(key));
    if (!guard) {
        return;
    }
    constexpr GrantRecord kNothing{};
    for (std::size_t way = find_any(key); way < kWays; way = find_any(key)) {
        put(set_of(key), way, &kNothing);
    }
}

}  // namespace ipfence
