#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/policy/name_table.hpp"
#include "engine/sha256.hpp"

namespace ipfence {

namespace {

constexpr std::size_t kNamesPerPilot = 4;

// One slot in 33 stays empty: the last pilots find one of them in some hundred attempts.
constexpr std::size_t kNamesPerEmptySlot = 32;

// Seeds to try. One fails where two names have one hash, which of a million names happens once in
// 2^25 tables, or where a pilot finds no value, which is rarer.
constexpr std::uint32_t kSeeds = 64;

}  // namespace

/// Finds the pilots of a name table, and lays it out.
class NameTableWriter {
  public:
    explicit NameTableWriter(std::span<const NameTable::Entry> entries)
        : entries_(entries),
          pilots_(entries.size() / kNamesPerPilot + 1),
          slots_(entries.size() + entries.size() / kNamesPerEmptySlot + 1),
          slot_size_(best_slot_size()) {}

    /// Whether the table can be written: it has pilots, and is not larger than an image.
    bool prepare() {
        if (slots_ * slot_size_ > std::numeric_limits<std::int32_t>::max() ||
            bytes_of_long_names(slot_size_) > std::numeric_limits<std::int32_t>::max()) {
            return false;
        }
        const Sha256::Digest digest = digest_of_names();
        for (std::uint32_t attempt = 0; attempt < kSeeds; ++attempt) {
            std::memcpy(&seed_, digest.data(), sizeof(seed_));
            seed_.of_second += attempt;
            if (find_pilots()) {
                return true;
            }
        }
        return false;
    }

    void write(ImageWriter &image, ImageWriter::Place<NameTable> table) const {
        const auto pilots = image.add_copy(std::span<const std::uint16_t>(pilots_));
        const auto bytes = image.add<char>(slots_ * slot_size_, NameTable::kLargestSlot);
        std::string long_names;
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            put_head(&image.at(bytes + slot * slot_size_), NameTable::SlotHead{});
        }
        for (std::size_t index = 0; index < entries_.size(); ++index) {
            const std::uint64_t hash = hashes_[index];
            const std::size_t slot = NameTable::slot_of(hash, pilots_[pilot_of(hash)], slots_);
            put(&image.at(bytes + slot * slot_size_), entries_[index], long_names);
        }
        const auto others = image.add_copy(std::span<const char>(long_names));
        NameTable &filled = image.at(table);
        filled.seed_ = seed_;
        image.set(filled.pilots_, pilots, pilots_.size());
        image.set(filled.bytes_, bytes, slots_ * slot_size_);
        image.set(filled.long_names_, others, long_names.size());
        filled.slots_ = static_cast<std::uint32_t>(slots_);
        filled.slot_size_ = static_cast<std::uint32_t>(slot_size_);
        filled.size_ = static_cast<std::uint32_t>(entries_.size());
    }

  private:
    using SlotHead = NameTable::SlotHead;

    static bool fits(std::string_view name, std::size_t slot_size) noexcept {
        return name.size() <= slot_size - SlotHead::kSize;
    }

    std::size_t bytes_of_long_names(std::size_t slot_size) const noexcept {
        std::size_t bytes = 0;
        for (const NameTable::Entry &entry : entries_) {
            bytes += fits(entry.name, slot_size) ? 0 : entry.name.size();
        }
        return bytes;
    }

    // That of the smallest table; of several, the one that leaves fewest names out of their slots.
    std::size_t best_slot_size() const noexcept {
        std::size_t best = NameTable::kLargestSlot;
        const auto size_with = [this](std::size_t slot_size) {
            return slots_ * slot_size + bytes_of_long_names(slot_size);
        };
        for (std::size_t size = best / 2; size >= NameTable::kSmallestSlot; size /= 2) {
            best = size_with(size) < size_with(best) ? size : best;
        }
        return best;
    }

    // Of every name with its length, so that no other names have the same.
    Sha256::Digest digest_of_names() const {
        Sha256 hash;
        for (const NameTable::Entry &entry : entries_) {
            const std::array<std::uint64_t, 1> length{entry.name.size()};
            hash.add(std::as_bytes(std::span(length)));
            hash.add(entry.name);
        }
        return hash.digest();
    }

    std::size_t pilot_of(std::uint64_t hash) const noexcept {
        return NameHash::pick(hash, pilots_.size());
    }

    // The names that share a pilot are placed together, the largest groups first, while most slots
    // are free.
    bool find_pilots() {
        hash_names();
        std::vector<std::uint64_t> sorted = hashes_;
        std::ranges::sort(sorted);  // and so by pilot
        if (std::ranges::adjacent_find(sorted) != sorted.end()) {
            return false;
        }
        std::vector<std::span<const std::uint64_t>> groups = groups_of(sorted);
        std::ranges::stable_sort(groups, std::ranges::greater{},
                                 [](const auto &group) { return group.size(); });
        std::vector<bool> taken(slots_);
        return std::ranges::all_of(groups, [&](const auto &group) { return place(group, taken); });
    }

    void hash_names() {
        hashes_.resize(entries_.size());
        std::ranges::transform(entries_, hashes_.begin(), [this](const NameTable::Entry &entry) {
            return NameHash::of(entry.name, seed_);
        });
    }

    std::vector<std::span<const std::uint64_t>> groups_of(
        const std::vector<std::uint64_t> &sorted) const {
        std::vector<std::span<const std::uint64_t>> groups;
        for (auto begin = sorted.begin(); begin != sorted.end();) {
            const auto end = std::find_if(begin, sorted.end(), [&](std::uint64_t hash) {
                return pilot_of(hash) != pilot_of(*begin);
            });
            groups.emplace_back(begin, end);
            begin = end;
        }
        return groups;
    }

    // The first value of the pilot with which all of a group come to slots of their own.
    bool place(std::span<const std::uint64_t> group, std::vector<bool> &taken) {
        std::uint16_t &pilot = pilots_[pilot_of(group.front())];
        for (std::uint32_t value = 0; value <= UINT16_MAX; ++value) {
            pilot = static_cast<std::uint16_t>(value);
            if (try_place(group, pilot, taken)) {
                return true;
            }
        }
        return false;
    }

    bool try_place(std::span<const std::uint64_t> group, std::uint16_t pilot,
                   std::vector<bool> &taken) const {
        for (std::size_t placed = 0; placed < group.size(); ++placed) {
            const std::size_t slot = NameTable::slot_of(group[placed], pilot, slots_);
            if (!taken[slot]) {
                taken[slot] = true;
                continue;
            }
            for (const std::uint64_t hash : group.first(placed)) {
                taken[NameTable::slot_of(hash, pilot, slots_)] = false;
            }
            return false;
        }
        return true;
    }

    static void put_head(char *slot, const SlotHead &head) noexcept {
        std::memcpy(slot, &head.number, sizeof(head.number));
        std::memcpy(slot + sizeof(head.number), &head.length, sizeof(head.length));
    }

    void put(char *slot, const NameTable::Entry &entry, std::string &long_names) const {
        if (fits(entry.name, slot_size_)) {
            put_head(slot, {entry.number, static_cast<std::uint8_t>(entry.name.size())});
            entry.name.copy(slot + SlotHead::kSize, entry.name.size());
            return;
        }
        const NameTable::LongName name{static_cast<std::uint32_t>(long_names.size()),
                                       static_cast<std::uint32_t>(entry.name.size())};
        put_head(slot, {entry.number, SlotHead::kLong});
        std::memcpy(slot + SlotHead::kSize, &name, sizeof(name));
        long_names += entry.name;
    }

    std::span<const NameTable::Entry> entries_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::uint16_t> pilots_;
    std::size_t slots_;
    std::size_t slot_size_;
    NameHash::Seed seed_;
};

void NameTable::lay_out(ImageWriter &image, ImageWriter::Place<NameTable> table,
                        std::span<const Entry> entries) {
    if (entries.empty()) {
        return;
    }
    NameTableWriter writer(entries);
    if (!writer.prepare()) {
        image.give_up();
        return;
    }
    writer.write(image, table);
}

}  // namespace ipfence
