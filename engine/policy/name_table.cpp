#include "engine/policy/name_table.hpp"

namespace ipfence {

bool NameTable::is_sound(const ImageBounds &bounds, std::uint64_t numbers) const noexcept {
    if (!pilots_.lies_in(bounds) || !bytes_.lies_in(bounds) || !long_names_.lies_in(bounds)) {
        return false;
    }
    if (size_ == 0) {
        return slots_ == 0;  // who goes through the slots asks only how many they are
    }
    const bool is_slot_size = slot_size_ == kSmallestSlot || slot_size_ == 2 * kSmallestSlot ||
                              slot_size_ == kLargestSlot;
    return is_slot_size && !pilots_.empty() && slots_ != 0 &&
           bytes_.size() / slot_size_ == slots_ && slots_are_sound(numbers);
}

bool NameTable::slots_are_sound(std::uint64_t numbers) const noexcept {
    std::size_t names = 0;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        if (head_of(slot_at(slot)).number == kNoNumber) {
            continue;
        }
        if (!slot_is_sound(slot_at(slot), numbers)) {
            return false;
        }
        ++names;
    }
    return names == size_;
}

// Whatever is looked up, one of the slots is read, or the name that it says stands elsewhere.
bool NameTable::slot_is_sound(const char *slot, std::uint64_t numbers) const noexcept {
    const SlotHead head = head_of(slot);
    if (head.number >= numbers) {
        return false;
    }
    if (head.length == SlotHead::kLong) {
        const LongName name = long_name_of(slot);
        if (name.offset > long_names_.size() || name.length > long_names_.size() - name.offset) {
            return false;
        }
    } else if (head.length > slot_size_ - SlotHead::kSize) {
        return false;
    }
    return leads_to(slot, name_at(slot, head.length));
}

// Reads no other slot than this one, for those may not have been looked at yet.
bool NameTable::leads_to(const char *slot, std::string_view name) const noexcept {
    Search search = begin(name);
    fetch_slot(search);
    return search.slot_ == slot;
}

}  // namespace ipfence
