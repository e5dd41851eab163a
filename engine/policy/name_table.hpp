#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "engine/image/fetch.hpp"
#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"
#include "engine/policy/name_hash.hpp"

namespace ipfence {

/// Names in an image, and a number for each: a perfect hash table, which is never changed.
///
/// Every name has a slot to itself. Half of its hash picks a pilot, and the whole hash together
/// with that pilot picks the slot; compilation tries values for each pilot until the names that
/// share it all come to slots of their own ("hash and displace"). A slot holds the number and the
/// name, whose every byte a lookup compares: two names are never taken for one another.
///
/// There are four names to a pilot of two bytes, so the pilots of a million names are 500 kB, which
/// stay in the cache. A slot is 16, 32 or 64 bytes, whichever makes the table smallest, and lies in
/// one cache line: a lookup waits for memory once. Names that do not fit stand behind the slots, at
/// one more cache miss.
///
/// Nobody can choose names that have no such table: the seeds of the hash are a digest of all the
/// names in it, and another seed is taken where one fails.
class NameTable {
  public:
    struct Entry {
        std::string_view name;
        std::uint32_t number = 0;
    };

    /// A lookup that is under way. Those who have many begin all of them, fetch the slot of each,
    /// and finish them: so their cache misses overlap.
    class Search {
      private:
        friend NameTable;
        std::uint64_t hash_ = 0;
        const char *slot_ = nullptr;  ///< null where there are no names, and before it is fetched
    };

    /// The number of exactly this name.
    std::optional<std::uint32_t> find(std::string_view name) const noexcept {
        Search search = begin(name);
        fetch_slot(search);
        const std::uint32_t number = finish(search, name);
        return number == kNoNumber ? std::nullopt : std::optional(number);
    }

    /// What `finish` says where no such name is. Not an empty std::optional, which is put together
    /// in memory and then waited for where it is returned, some 5 ns each time.
    static constexpr std::uint32_t kNoNumber = UINT32_MAX;

    Search begin(std::string_view name) const noexcept {
        Search search;
        if (size_ != 0) {
            search.hash_ = NameHash::of(name, seed_);
            fetch(pilot_of(search.hash_));
        }
        return search;
    }

    void fetch_slot(Search &search) const noexcept {
        if (size_ != 0) {
            search.slot_ = slot_at(slot_of(search.hash_, *pilot_of(search.hash_), slots_));
            fetch(search.slot_);
        }
    }

    std::uint32_t finish(const Search &search, std::string_view name) const noexcept {
        if (search.slot_ == nullptr) {
            return kNoNumber;
        }
        const SlotHead head = head_of(search.slot_);
        const bool is_it = head.number != kNoNumber &&
                           NameHash::are_same(name_at(search.slot_, head.length), name);
        return is_it ? head.number : kNoNumber;
    }

    /// Calls `visit` with each Entry, in no order that means anything.
    template <class Visit>
    void for_each(Visit visit) const {
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (const auto entry = entry_at(slot_at(slot))) {
                visit(*entry);
            }
        }
    }

    /// How many names there are.
    std::size_t size() const noexcept { return size_; }

    /// Whether every lookup stays within the image, every name is found where it stands, and every
    /// number is below `numbers`.
    bool is_sound(const ImageBounds &bounds, std::uint64_t numbers) const noexcept;

    /// Lays out a table, which lies in the image at `table`. No name is given twice; one order of
    /// the same names and numbers makes the same bytes each time.
    static void lay_out(ImageWriter &image, ImageWriter::Place<NameTable> table,
                        std::span<const Entry> entries);

  private:
    friend class NameTableWriter;

    // What a slot begins with. The bytes of the name follow, or, if it does not fit, a LongName.
    struct SlotHead {
        static constexpr std::uint8_t kLong = UINT8_MAX;
        static constexpr std::size_t kSize = 5;  ///< without the filler at its end

        std::uint32_t number = kNoNumber;  ///< kNoNumber: no name has this slot
        std::uint8_t length = 0;           ///< of the name; kLong: it stands elsewhere
    };

    // Where a name stands that does not fit into a slot.
    struct LongName {
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
    };

    static constexpr std::size_t kSmallestSlot = 16;
    static constexpr std::size_t kLargestSlot = 64;

    static std::size_t slot_of(std::uint64_t hash, std::uint16_t pilot,
                               std::size_t slots) noexcept {
        return NameHash::pick(NameHash::again(hash, pilot), slots);
    }

    const std::uint16_t *pilot_of(std::uint64_t hash) const noexcept {
        const auto pilots = pilots_.view();
        return &pilots[NameHash::pick(hash, pilots.size())];
    }

    const char *slot_at(std::size_t slot) const noexcept {
        return bytes_.view().data() + slot * slot_size_;
    }

    static SlotHead head_of(const char *slot) noexcept {
        SlotHead head;
        std::memcpy(&head.number, slot, sizeof(head.number));
        std::memcpy(&head.length, slot + sizeof(head.number), sizeof(head.length));
        return head;
    }

    static LongName long_name_of(const char *slot) noexcept {
        LongName name;
        std::memcpy(&name, slot + SlotHead::kSize, sizeof(name));
        return name;
    }

    std::string_view name_at(const char *slot, std::uint8_t length) const noexcept {
        if (length != SlotHead::kLong) {
            return {slot + SlotHead::kSize, length};
        }
        const LongName name = long_name_of(slot);
        return {long_names_.view().data() + name.offset, name.length};
    }

    std::optional<Entry> entry_at(const char *slot) const noexcept {
        const SlotHead head = head_of(slot);
        return head.number == kNoNumber
                   ? std::nullopt
                   : std::optional(Entry{name_at(slot, head.length), head.number});
    }

    bool slots_are_sound(std::uint64_t numbers) const noexcept;
    bool slot_is_sound(const char *slot, std::uint64_t numbers) const noexcept;
    bool leads_to(const char *slot, std::string_view name) const noexcept;

    NameHash::Seed seed_;
    ImageList<std::uint16_t> pilots_;
    ImageList<char> bytes_;  ///< of the slots
    ImageList<char> long_names_;
    std::uint32_t slots_ = 0;
    std::uint32_t slot_size_ = 0;
    std::uint32_t size_ = 0;
    std::uint32_t filler_ = 0;  ///< so that no byte of the image is undefined
};

}  // namespace ipfence
