#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/image/relative.hpp"

namespace ipfence {

/// Puts an image together. Places are known by their distance from its beginning, since it moves
/// while it grows; a reference to a value in it holds until the next `add`.
class ImageWriter {
  public:
    /// Where a T lies in the image.
    template <class T>
    struct Place {
        std::size_t offset = 0;

        /// The `index`-th of the values that begin here.
        Place operator+(std::size_t index) const noexcept { return {offset + index * sizeof(T)}; }
    };

    /// Adds `count` values of T, made by its default constructor, aligned as T is, or more.
    template <class T>
    Place<T> add(std::size_t count = 1, std::size_t alignment = alignof(T)) {
        const std::size_t offset = (bytes_.size() + alignment - 1) / alignment * alignment;
        bytes_.resize(offset + count * sizeof(T));
        for (std::size_t index = 0; index < count; ++index) {
            new (bytes_.data() + offset + index * sizeof(T)) T();
        }
        return {offset};
    }

    /// Adds copies of values.
    template <class T>
    Place<T> add_copy(std::span<const T> values, std::size_t alignment = alignof(T)) {
        static_assert(std::is_trivially_copyable_v<T>);
        const Place<T> place = add<T>(values.size(), alignment);
        if (!values.empty()) {
            std::memcpy(&at(place), values.data(), values.size_bytes());
        }
        return place;
    }

    /// The value at a place.
    template <class T>
    T &at(Place<T> place) noexcept {
        return *std::launder(reinterpret_cast<T *>(bytes_.data() + place.offset));
    }

    /// Where a value lies that is in this image.
    template <class T>
    Place<T> place_of(const T &value) const noexcept {
        return {
            static_cast<std::size_t>(reinterpret_cast<const std::byte *>(&value) - bytes_.data())};
    }

    /// Lets a pointer, which lies in this image, point to a place.
    template <class T>
    void point(RelativePointer<T> &pointer, Place<T> target) noexcept {
        const auto own = reinterpret_cast<std::byte *>(&pointer) - bytes_.data();
        const auto distance = static_cast<std::ptrdiff_t>(target.offset) - own;
        is_too_large_ |= distance > std::numeric_limits<std::int32_t>::max() ||
                         distance < std::numeric_limits<std::int32_t>::min();
        pointer.distance_ = static_cast<std::int32_t>(distance);
    }

    /// Lets a list, which lies in this image, consist of `size` values at a place.
    template <class T>
    void set(ImageList<T> &list, Place<T> first, std::size_t size) noexcept {
        is_too_large_ |= size > std::numeric_limits<std::uint32_t>::max();
        list.size_ = static_cast<std::uint32_t>(size);
        if (size != 0) {
            point(list.first_, first);
        }
    }

    /// Lets another pointer, which lies in this image too, point to the same place.
    template <class T>
    void share(const RelativePointer<T> &pointer, RelativePointer<T> &other) noexcept {
        if (!pointer.is_null()) {
            point(other,
                  Place<T>{pointer.address() - reinterpret_cast<std::uintptr_t>(bytes_.data())});
        }
    }

    /// Adds a text, which the ImageText that lies in the image at `text` then is.
    void set_text(Place<ImageText> text, std::string_view value) {
        if (value.empty()) {
            return;
        }
        is_too_large_ |= value.size() > std::numeric_limits<std::uint32_t>::max();
        const auto length = add<std::uint32_t>();
        at(length) = static_cast<std::uint32_t>(value.size());
        add_copy(std::span<const char>(value));
        point(at(text).length_, length);
    }

    /// Whether some distance was more than 2 GiB; the image then is worth nothing.
    bool is_too_large() const noexcept { return is_too_large_; }

    /// For those who see before they add something that it is too large.
    void give_up() noexcept { is_too_large_ = true; }

    std::size_t size() const noexcept { return bytes_.size(); }
    std::span<const std::byte> bytes() const noexcept { return bytes_; }

    /// Gives the image away. It means the same only where its first byte is aligned as the most
    /// aligned value in it is.
    std::vector<std::byte> take() noexcept { return std::move(bytes_); }

  private:
    std::vector<std::byte> bytes_;
    bool is_too_large_ = false;
};

}  // namespace ipfence
