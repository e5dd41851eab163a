#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// Values that lie in an image: bytes that mean the same wherever they are mapped. What points from
// one place of an image to another says how far away it is, so nothing is adjusted when an image
// is mapped, and processes share its pages.

namespace ipfence {

/// The bytes of an image, for those who check what lies in it before they believe it.
class ImageBounds {
  public:
    explicit ImageBounds(std::span<const std::byte> image) noexcept : image_(image) {}

    /// Whether `count` values of T lie at `first`, aligned, within the image. `first` is an address
    /// that may be any number at all.
    template <class T>
    bool contain(std::uintptr_t first, std::uint64_t count) const noexcept {
        const auto begin = reinterpret_cast<std::uintptr_t>(image_.data());
        return first >= begin && first - begin <= image_.size() && first % alignof(T) == 0 &&
               count <= (image_.size() - (first - begin)) / sizeof(T);
    }

  private:
    std::span<const std::byte> image_;
};

/// Where some T lie, seen from this pointer itself. It lies in an image, and is not copied.
template <class T>
class RelativePointer {
  public:
    RelativePointer() = default;
    RelativePointer(const RelativePointer &) = delete;
    RelativePointer &operator=(const RelativePointer &) = delete;

    /// The first T; meaningless when the pointer is null or was not checked.
    const T *get() const noexcept { return reinterpret_cast<const T *>(address()); }
    bool is_null() const noexcept { return distance_ == 0; }

    /// What tells two pointers apart: the address of the first T, or 0 when it is null.
    std::uintptr_t identity() const noexcept { return is_null() ? 0 : address(); }

    /// Whether `count` values of T are there.
    bool lies_in(const ImageBounds &bounds, std::uint64_t count) const noexcept {
        return !is_null() && bounds.contain<T>(address(), count);
    }

  private:
    friend class ImageWriter;

    std::uintptr_t address() const noexcept {
        return reinterpret_cast<std::uintptr_t>(this) +
               static_cast<std::uintptr_t>(std::intptr_t{distance_});
    }

    std::int32_t distance_ = 0;  ///< in bytes; 0: null
};

/// A list in an image.
template <class T>
class ImageList {
  public:
    std::span<const T> view() const noexcept { return {first_.get(), size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// Whether all of it lies in the image; what it is a list of remains to be checked.
    bool lies_in(const ImageBounds &bounds) const noexcept {
        return size_ == 0 || first_.lies_in(bounds, size_);
    }

  private:
    friend class ImageWriter;

    RelativePointer<T> first_;
    std::uint32_t size_ = 0;
};

/// A text in an image: a pointer to its length, behind which its bytes stand; null when it is
/// empty.
class ImageText {
  public:
    operator std::string_view() const noexcept { return view(); }
    std::string_view view() const noexcept {
        return empty() ? std::string_view{} : std::string_view{bytes(), *length_.get()};
    }
    bool empty() const noexcept { return length_.is_null(); }
    bool lies_in(const ImageBounds &bounds) const noexcept {
        return empty() ||
               (length_.lies_in(bounds, 1) &&
                bounds.contain<char>(reinterpret_cast<std::uintptr_t>(bytes()), *length_.get()));
    }
    friend bool operator==(const ImageText &text, std::string_view other) noexcept {
        return text.view() == other;
    }

  private:
    friend class ImageWriter;

    const char *bytes() const noexcept { return reinterpret_cast<const char *>(length_.get() + 1); }

    RelativePointer<std::uint32_t> length_;
};

}  // namespace ipfence
