#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ipfence {

/// A text in shared memory, cut to what has room, never inside a character of UTF-8.
template <std::size_t kCapacity>
class ShortText {
  public:
    void assign(std::string_view text) noexcept {
        std::size_t size = std::min(text.size(), kCapacity);
        while (size > 0 && size < text.size() && is_continuation(text[size])) {
            --size;
        }
        std::copy_n(text.data(), size, bytes_.data());
        size_ = static_cast<std::uint16_t>(size);
    }

    /// What was assigned; of a writer that was killed meanwhile, something not longer than there is
    /// room.
    std::string_view view() const noexcept {
        return {bytes_.data(), std::min<std::size_t>(size_, kCapacity)};
    }

  private:
    static bool is_continuation(char byte) noexcept {
        return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
    }

    std::array<char, kCapacity> bytes_{};
    std::uint16_t size_ = 0;
};

}  // namespace ipfence
