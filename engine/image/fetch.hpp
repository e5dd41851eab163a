#pragma once

#include <cstddef>

namespace ipfence {

/// Starts to bring the cache line of `place` into the cache, and does not wait for it. Any address
/// will do: nothing is read.
inline void fetch(const void *place) noexcept {
    __builtin_prefetch(place);
    // GCC takes a function that does no more than this for one that does nothing, and leaves its
    // calls out.
    asm volatile("");
}

/// The same for every line that a value lies in.
template <class T>
void fetch_whole(const T *value) noexcept {
    constexpr std::size_t kLine = 64;
    const auto *bytes = reinterpret_cast<const std::byte *>(value);
    for (std::size_t offset = 0; offset < sizeof(T); offset += kLine) {
        fetch(bytes + offset);
    }
    if constexpr (alignof(T) < kLine) {
        fetch(bytes + sizeof(T) - 1);
    }
}

}  // namespace ipfence
