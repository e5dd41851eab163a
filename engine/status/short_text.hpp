#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/text_pieces.hpp"

namespace ipfence {

/// A text in shared memory, cut to what has room, never inside a character of UTF-8.
template <std::size_t kCapacity>
class ShortText {
  public:
    void assign(std::string_view text) noexcept {
        text = cut_between_characters(text, kCapacity);
        text.copy(bytes_.data(), text.size());
        size_ = static_cast<std::uint16_t>(text.size());
    }

    /// What was assigned; of a writer that was killed meanwhile, something not longer than there is
    /// room.
    std::string_view view() const noexcept {
        return {bytes_.data(), std::min<std::size_t>(size_, kCapacity)};
    }

  private:
    std::array<char, kCapacity> bytes_{};
    std::uint16_t size_ = 0;
};

}  // namespace ipfence
