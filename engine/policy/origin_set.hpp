#pragma once

#include <optional>
#include <span>

#include "engine/address/address_origin.hpp"
#include "engine/image/image_writer.hpp"
#include "engine/image/relative.hpp"
#include "engine/policy/settings.hpp"

namespace ipfence {

/// The countries and autonomous systems of a list of ranges, in a policy's image.
class OriginSet {
  public:
    bool empty() const noexcept { return countries_.empty() && as_numbers_.empty(); }

    std::span<const CountryCode> countries() const noexcept { return countries_.view(); }
    std::span<const AsNumber> as_numbers() const noexcept { return as_numbers_.view(); }

    /// That of `origin` which is in the set, the country first; nothing where neither is.
    AddressOrigin find(const AddressOrigin &origin) const noexcept;

    /// Whether every lookup stays within the image, and every country is one.
    bool is_sound(const ImageBounds &bounds) const noexcept;

    /// Lays out a set, which lies in the image at `set`.
    static void lay_out(ImageWriter &image, ImageWriter::Place<OriginSet> set,
                        const OriginSettings &settings);

  private:
    ImageList<CountryCode> countries_;
    ImageList<AsNumber> as_numbers_;
};

}  // namespace ipfence
