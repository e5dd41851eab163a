#include "engine/credential/known_parameter.hpp"

#include <algorithm>

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

}  // namespace

std::optional<KnownParameter> known_parameter(std::string_view name) noexcept {
    if (name.empty()) {
        return std::nullopt;
    }
    const std::uint8_t index = kIndexAt[place_of(name)];
    return index != kNobody && name == kKnownParameterNames[index]
               ? std::optional(static_cast<KnownParameter>(index))
               : std::nullopt;
}

}  // namespace ipfence
