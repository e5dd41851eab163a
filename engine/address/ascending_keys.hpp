#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ipfence {

/// How many of the first `Used` of ascending keys are not above `key`. No branch depends on a key:
/// which way a lookup goes cannot be predicted.
template <std::size_t Used, class Key, std::size_t Count>
std::size_t count_not_above(const std::array<Key, Count> &keys, Key key) noexcept {
    static_assert(Used <= Count && (std::has_single_bit(Used) || std::has_single_bit(Used + 1)));
    std::size_t not_above = 0;
#pragma GCC unroll 8
    for (std::size_t step = (Used + 1) / 2; step > 0; step /= 2) {
        // The last of the next `step` keys tells of all of them.
        not_above += step * static_cast<std::size_t>(keys[not_above + step - 1] <= key);
    }
    if constexpr (std::has_single_bit(Used)) {
        not_above += static_cast<std::size_t>(keys[not_above] <= key);
    }
    return not_above;
}

#ifdef __SSE2__

/// The same for one cache line of 32-bit keys: four comparisons of four keys each. The first key
/// above `key` tells how many are not, because they ascend.
template <std::size_t Used>
std::size_t count_not_above(const std::array<std::uint32_t, 16> &keys, std::uint32_t key) noexcept {
    static_assert(Used <= 16);
    // SSE2 compares signed numbers only; this turns the order of unsigned ones into theirs.
    const __m128i sign = _mm_set1_epi32(static_cast<int>(0x80000000));
    const __m128i wanted = _mm_xor_si128(_mm_set1_epi32(static_cast<int>(key)), sign);
    const auto above = [&](std::size_t quarter) {
        const auto *four = reinterpret_cast<const __m128i *>(keys.data()) + quarter;
        return _mm_cmpgt_epi32(_mm_xor_si128(_mm_load_si128(four), sign), wanted);
    };
    const __m128i halves =
        _mm_packs_epi16(_mm_packs_epi32(above(0), above(1)), _mm_packs_epi32(above(2), above(3)));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(halves));
    return static_cast<std::size_t>(std::countr_zero(mask | 1U << Used));
}

#endif

}  // namespace ipfence
