#pragma once

#include <span>

#include "engine/address/address_origin.hpp"
#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// The countries and autonomous systems of a list of ranges, in a policy's image: four bytes for
/// the many lists that name none.
class OriginSet {
  public:
    bool empty() const noexcept { return lists_.is_null(); }

    std::span<const CountryCode> countries() const noexcept {
        return empty() ? std::span<const CountryCode>{} : lists_.get()->countries.view();
    }
    std::span<const AsNumber> as_numbers() const noexcept {
        return empty() ? std::span<const AsNumber>{} : lists_.get()->as_numbers.view();
    }

    /// That of `origin` which is in the set, the country first; nothing where neither is.
    AddressOrigin find(const AddressOrigin &origin) const noexcept;

    /// Whether every lookup stays within the image, and every country is one.
    bool is_sound(const ImageBounds &bounds) const noexcept;

    /// Lays out a set, which lies in the image at `set`.
    static void lay_out(ImageWriter &image, ImageWriter::Place<OriginSet> set,
                        const OriginSettings &settings);

  private:
    struct Lists {
        ImageList<CountryCode> countries;
        ImageList<AsNumber> as_numbers;
    };

    RelativePointer<Lists> lists_;  ///< null: both are empty
};

}  // namespace ipfence
