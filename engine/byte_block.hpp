#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ipfence {

/// Bytes that are looked at together: a vector of the compiler's, which it makes SSE2, NEON or
/// plain words of. Comparisons are signed and yield a block of bytes 0 (false) and -1 (true).
using ByteBlock = signed char __attribute__((vector_size(16)));

/// A block of one byte, many times.
constexpr ByteBlock each(char byte) noexcept {
    return ByteBlock{} + static_cast<signed char>(byte);
}

/// The block at `bytes`, all of which must be there.
inline ByteBlock load_block(const char *bytes) noexcept {
    ByteBlock block;
    std::memcpy(&block, bytes, sizeof(block));
    return block;
}

/// Of a block, the bytes that are one of a range, in one comparison.
template <char kLowest, char kHighest>
ByteBlock is_between(const ByteBlock &block) noexcept {
    using Bytes = unsigned char __attribute__((vector_size(sizeof(ByteBlock))));
    constexpr char kMost = '\x7f';
    const Bytes moved = std::bit_cast<Bytes>(block) + static_cast<unsigned char>(kMost - kHighest);
    return std::bit_cast<ByteBlock>(moved) >= each(kMost - (kHighest - kLowest));
}

/// Of a block, the letters of ASCII.
inline ByteBlock is_letter(const ByteBlock &block) noexcept {
    return is_between<'a', 'z'>(block | each('a' ^ 'A'));
}

/// Writes all bytes of a block.
inline void store_block(char *to, const ByteBlock &block) noexcept {
    std::memcpy(to, &block, sizeof(block));
}

/// Of what a comparison yielded: a bit for each byte, the first byte's lowest. In plain words.
inline std::uint32_t bits_in_words(const ByteBlock &truths) noexcept {
    std::uint64_t words[2];
    std::memcpy(words, &truths, sizeof(words));
    std::uint32_t bits[2];
    for (int i = 0; i < 2; ++i) {
        if constexpr (std::endian::native == std::endian::big) {
            words[i] = __builtin_bswap64(words[i]);
        }
        // Of the byte at 8n, one bit, which one term of the factor moves to 56 + n.
        constexpr std::uint64_t kOneOfEach = 0x0101010101010101;
        constexpr std::uint64_t kGather = 0x0102040810204080;
        bits[i] = static_cast<std::uint32_t>(((words[i] & kOneOfEach) * kGather) >> 56);
    }
    return bits[0] | bits[1] << 8;
}

/// The same, in one instruction where there is one.
inline std::uint32_t bits_of(const ByteBlock &truths) noexcept {
#if defined(__SSE2__)
    __m128i block;
    std::memcpy(&block, &truths, sizeof(block));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(block));
#else
    return bits_in_words(truths);
#endif
}

/// The bytes of a text of 1 to 15, each of them once or more, and no others.
inline ByteBlock short_block(std::string_view text) noexcept {
    std::uint64_t words[2];
    if (text.size() >= sizeof(words[0])) {
        std::memcpy(&words[0], text.data(), sizeof(words[0]));
        std::memcpy(&words[1], text.data() + text.size() - sizeof(words[1]), sizeof(words[1]));
    } else if (std::uint32_t halves[2]; text.size() >= sizeof(halves[0])) {
        std::memcpy(&halves[0], text.data(), sizeof(halves[0]));
        std::memcpy(&halves[1], text.data() + text.size() - sizeof(halves[1]), sizeof(halves[1]));
        words[0] = words[1] = halves[0] | std::uint64_t{halves[1]} << 32;
    } else {
        ByteBlock block = each(text.front());
        block[1] = static_cast<signed char>(text[text.size() / 2]);
        block[2] = static_cast<signed char>(text.back());
        return block;
    }
    ByteBlock block;
    std::memcpy(&block, words, sizeof(block));
    return block;
}

/// Copies a text of 1 to 15 bytes, and nothing behind it.
inline void copy_short(char *to, std::string_view text) noexcept {
    const auto copy_ends = [to, text]<class Word>(Word word) {
        const std::size_t last = text.size() - sizeof(word);
        std::memcpy(&word, text.data(), sizeof(word));
        std::memcpy(to, &word, sizeof(word));
        std::memcpy(&word, text.data() + last, sizeof(word));
        std::memcpy(to + last, &word, sizeof(word));
    };
    if (text.size() >= sizeof(std::uint64_t)) {
        copy_ends(std::uint64_t{});
    } else if (text.size() >= sizeof(std::uint32_t)) {
        copy_ends(std::uint32_t{});
    } else {
        to[0] = text.front();
        to[text.size() / 2] = text[text.size() / 2];
        to[text.size() - 1] = text.back();
    }
}

/// Whether two texts are the same; the quicker where they are of 4 to 16 bytes.
inline bool equals_short(std::string_view text, std::string_view other) noexcept {
    const std::size_t size = text.size();
    if (size != other.size()) {
        return false;
    }
    const auto have_same_ends = [&]<class Word>(Word) {
        Word begin[2];
        Word end[2];
        std::memcpy(&begin[0], text.data(), sizeof(Word));
        std::memcpy(&begin[1], other.data(), sizeof(Word));
        std::memcpy(&end[0], text.data() + size - sizeof(Word), sizeof(Word));
        std::memcpy(&end[1], other.data() + size - sizeof(Word), sizeof(Word));
        return ((begin[0] ^ begin[1]) | (end[0] ^ end[1])) == 0;
    };
    if (size - sizeof(std::uint64_t) <= sizeof(std::uint64_t)) {
        return have_same_ends(std::uint64_t{});
    }
    if (size - sizeof(std::uint32_t) <= sizeof(std::uint32_t)) {
        return have_same_ends(std::uint32_t{});
    }
    return text == other;
}

/// Whether of any byte of `text` that is true which `truths` says of a block of them.
template <class Truths>
bool any_byte(std::string_view text, Truths truths) noexcept {
    constexpr std::size_t kBlock = sizeof(ByteBlock);
    if (text.size() < kBlock) {
        return !text.empty() && bits_of(truths(short_block(text))) != 0;
    }
    for (std::size_t at = 0; at + kBlock < text.size(); at += kBlock) {
        if (bits_of(truths(load_block(text.data() + at))) != 0) {
            return true;
        }
    }
    return bits_of(truths(load_block(text.data() + text.size() - kBlock))) != 0;
}

}  // namespace ipfence
