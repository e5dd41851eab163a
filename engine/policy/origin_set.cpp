#include "engine/policy/origin_set.hpp"

#include <algorithm>
#include <span>

namespace ipfence {

AddressOrigin OriginSet::find(const AddressOrigin &origin) const noexcept {
    const auto countries = countries_.view();
    const auto as_numbers = as_numbers_.view();
    if (origin.country && std::ranges::find(countries, *origin.country) != countries.end()) {
        return {.country = origin.country};
    }
    if (origin.as_number && std::ranges::find(as_numbers, *origin.as_number) != as_numbers.end()) {
        return {.as_number = origin.as_number};
    }
    return {};
}

bool OriginSet::is_sound(const ImageBounds &bounds) const noexcept {
    return countries_.lies_in(bounds) && as_numbers_.lies_in(bounds) &&
           std::ranges::all_of(countries_.view(), [](const CountryCode &country) {
               return CountryCode::parse(country.text()).has_value();
           });
}

void OriginSet::lay_out(ImageWriter &image, ImageWriter::Place<OriginSet> set,
                        const OriginSettings &settings) {
    const auto countries = image.add_copy(std::span<const CountryCode>(settings.countries));
    image.set(image.at(set).countries_, countries, settings.countries.size());
    const auto as_numbers = image.add_copy(std::span<const AsNumber>(settings.as_numbers));
    image.set(image.at(set).as_numbers_, as_numbers, settings.as_numbers.size());
}

}  // namespace ipfence
