#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace ipfence {

/// The hash of names, and what is picked by it. Who knows the seed can find names of one hash, so
/// nothing may rest on it but how long something takes.
class NameHash {
  public:
    struct Seed {
        std::uint64_t of_first = 0;   ///< of the first 8 bytes of each 16
        std::uint64_t of_second = 0;  ///< of the other 8
    };

    static std::uint64_t of(std::string_view name, const Seed &seed) noexcept {
        constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
        constexpr std::size_t kStride = 16;
        const std::size_t size = name.size();
        std::uint64_t hash = seed.of_first;
        while (name.size() > kStride) {
            hash = fold(hash ^ word_at<std::uint64_t>(name.data()),
                        seed.of_second ^ word_at<std::uint64_t>(name.data() + kStride / 2));
            name.remove_prefix(kStride);
        }
        const auto [first, last] = ends_of(name);
        // Beside the first bytes the size would be undone by another first one, whatever the seed:
        // "22" and "322" end alike, and 2 ^ '2' is 3 ^ '3'.
        return fold(fold(hash ^ first, seed.of_second ^ last), kFactor ^ size);
    }

    /// Whether two names are the same. It reads no byte but theirs: std::memcmp reads whole
    /// registers, and so waits for the cache line behind a name that it has no interest in.
    static bool are_same(std::string_view name, std::string_view other) noexcept {
        constexpr std::size_t kWord = sizeof(std::uint64_t);
        if (name.size() != other.size()) {
            return false;
        }
        std::uint64_t different = 0;
        while (name.size() > 2 * kWord) {
            different |= word_at<std::uint64_t>(name.data()) ^ word_at<std::uint64_t>(other.data());
            name.remove_prefix(kWord);
            other.remove_prefix(kWord);
        }
        const auto [first, last] = ends_of(name);
        const auto [other_first, other_last] = ends_of(other);
        return (different | (first ^ other_first) | (last ^ other_last)) == 0;
    }

    /// What a hash picks out of `count`: about as many hashes pick each.
    static std::size_t pick(std::uint64_t hash, std::size_t count) noexcept {
        constexpr unsigned kHalf = 32;
        return static_cast<std::size_t>((hash >> kHalf) * count >> kHalf);
    }

    /// Another hash, for each `way`.
    static std::uint64_t again(std::uint64_t hash, std::uint64_t way) noexcept {
        constexpr std::uint64_t kOfWay = 0xd6e8feb86659fd93;
        constexpr std::uint64_t kFactor = 0xa0761d6478bd642f;
        return fold(hash ^ kOfWay * (way + 1), kFactor);
    }

  private:
    // Both halves of a product, which mixes every bit of its factors into every bit of the result.
    static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
        const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
        return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
    }

    template <class Word>
    static std::uint64_t word_at(const char *bytes) noexcept {
        Word word;
        std::memcpy(&word, bytes, sizeof(word));
        return word;
    }

    // The first and the last bytes of a name of at most 16, which overlap where it is shorter;
    // together with its length they tell it from all others.
    static std::pair<std::uint64_t, std::uint64_t> ends_of(std::string_view name) noexcept {
        const char *first = name.data();
        const char *last = first + name.size();
        if (name.size() >= sizeof(std::uint64_t)) {
            return {word_at<std::uint64_t>(first), word_at<std::uint64_t>(last - 8)};
        }
        if (name.size() >= sizeof(std::uint32_t)) {
            return {word_at<std::uint32_t>(first), word_at<std::uint32_t>(last - 4)};
        }
        if (name.size() >= sizeof(std::uint16_t)) {
            return {word_at<std::uint16_t>(first), word_at<std::uint16_t>(last - 2)};
        }
        return {name.empty() ? 0 : word_at<std::uint8_t>(first), 0};
    }
};

}  // namespace ipfence
