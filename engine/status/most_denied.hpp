#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/status/short_text.hpp"

namespace ipfence {

/// The names that were counted most often, in little memory whatever names come: the newcomer takes
/// the place of the least, and its count ("space saving", Metwally et al. 2005). A count may be too
/// high by at most `error`; a name that makes up more than one in kPlaces of all is always there.
class MostDenied {
  public:
    static constexpr std::size_t kPlaces = 32;
    static constexpr std::size_t kNameCapacity = 120;

    struct Entry {
        ShortText<kNameCapacity> name;
        std::uint64_t count = 0;  ///< 0: the place is free
        std::uint64_t error = 0;
    };

    void add(std::string_view name) noexcept {
        ShortText<kNameCapacity> key;
        key.assign(name);
        const auto found = std::ranges::find_if(entries_, [&key](const Entry &entry) {
            return entry.count > 0 && entry.name.view() == key.view();
        });
        if (found != entries_.end()) {
            ++found->count;
            return;
        }
        const auto least = std::ranges::min_element(entries_, {}, &Entry::count);
        *least = {key, least->count + 1, least->count};
    }

    const std::array<Entry, kPlaces> &entries() const noexcept { return entries_; }

  private:
    std::array<Entry, kPlaces> entries_{};
};

}  // namespace ipfence
