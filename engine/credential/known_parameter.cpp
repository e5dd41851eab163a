#include "engine/credential/known_parameter.hpp"

#include <algorithm>
#include <cstring>

namespace ipfence {

namespace {

// No two of the names have the same place, which the compiler checks: the name at the place of
// another text is the only one that the text can be.
constexpr std::size_t kPlaces = 64;

constexpr std::size_t place_of(std::string_view name) noexcept {
    const auto at = [name](std::size_t index) { return static_cast<unsigned char>(name[index]); };
    return (at(0) + std::size_t{2} * at(name.size() / 2) + 7 * name.size()) % kPlaces;
}

using Places = std::array<std::uint8_t, kPlaces>;
constexpr std::uint8_t kNobody = kKnownParameterNames.size();

constexpr Places places_of_names() noexcept {
    Places places{};
    places.fill(kNobody);
    for (std::uint8_t index = 0; index < kNobody; ++index) {
        places[place_of(kKnownParameterNames[index])] = index;
    }
    return places;
}

constexpr Places kIndexAt = places_of_names();

static_assert(std::ranges::count(kIndexAt, kNobody) == kPlaces - kKnownParameterNames.size());

constexpr std::size_t kShortest = 4;
constexpr std::size_t kLongest = 24;

static_assert(std::ranges::all_of(kKnownParameterNames, [](std::string_view name) {
    return name.size() >= kShortest && name.size() <= kLongest;
}));

template <class Word>
Word word_at(std::string_view text, std::size_t at) noexcept {
    Word word;
    std::memcpy(&word, text.data() + at, sizeof(word));
    return word;
}

template <class Word>
bool has_same_word(std::string_view one, std::string_view other, std::size_t at) noexcept {
    return word_at<Word>(one, at) == word_at<Word>(other, at);
}

// Words that overlap, which is faster than one comparison of a size that is not constant.
bool is_same(std::string_view text, std::string_view known) noexcept {
    const std::size_t size = known.size();
    if (text.size() != size) {
        return false;
    }
    if (size < sizeof(std::uint64_t)) {
        return has_same_word<std::uint32_t>(text, known, 0) &&
               has_same_word<std::uint32_t>(text, known, size - sizeof(std::uint32_t));
    }
    const std::size_t last = size - sizeof(std::uint64_t);
    return has_same_word<std::uint64_t>(text, known, 0) &&
           has_same_word<std::uint64_t>(text, known, last) &&
           has_same_word<std::uint64_t>(text, known, last / 2);
}

}  // namespace

std::optional<KnownParameter> known_parameter(std::string_view name) noexcept {
    if (name.empty()) {
        return std::nullopt;
    }
    const std::uint8_t index = kIndexAt[place_of(name)];
    if (index == kNobody || !is_same(name, kKnownParameterNames[index])) {
        return std::nullopt;
    }
    return static_cast<KnownParameter>(index);
}

}  // namespace ipfence
