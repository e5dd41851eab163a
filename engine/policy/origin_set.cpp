#include "engine/policy/origin_set.hpp"

#include <algorithm>
#include <span>

namespace ipfence {

AddressOrigin OriginSet::find(const AddressOrigin &origin) const noexcept {
    if (origin.country && std::ranges::find(countries(), *origin.country) != countries().end()) {
        return {.country = origin.country};
    }
    if (origin.as_number &&
        std::ranges::find(as_numbers(), *origin.as_number) != as_numbers().end()) {
        return {.as_number = origin.as_number};
    }
    return {};
}

bool OriginSet::is_sound(const ImageBounds &bounds) const noexcept {
    if (empty()) {
        return true;
    }
    return lists_.lies_in(bounds, 1) && lists_.get()->countries.lies_in(bounds) &&
           lists_.get()->as_numbers.lies_in(bounds) &&
           std::ranges::all_of(countries(), [](const CountryCode &country) {
               return CountryCode::parse(country.text()).has_value();
           });
}

void OriginSet::lay_out(ImageWriter &image, ImageWriter::Place<OriginSet> set,
                        const OriginSettings &settings) {
    if (settings.countries.empty() && settings.as_numbers.empty()) {
        return;
    }
    const auto lists = image.add<Lists>();
    image.point(image.at(set).lists_, lists);
    const auto countries = image.add_copy(std::span<const CountryCode>(settings.countries));
    image.set(image.at(lists).countries, countries, settings.countries.size());
    const auto as_numbers = image.add_copy(std::span<const AsNumber>(settings.as_numbers));
    image.set(image.at(lists).as_numbers, as_numbers, settings.as_numbers.size());
}

}  // namespace ipfence
