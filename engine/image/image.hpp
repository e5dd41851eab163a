#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace ipfence {

/// The bytes of an image in memory that its values may be read from where they lie. Copies share
/// the memory, which goes with the last of them.
class Image {
  public:
    /// What every image is aligned to: a cache line, and a multiple of what any value asks for.
    static constexpr std::size_t kAlignment = 64;

    Image() = default;

    /// Takes up memory that is aligned to kAlignment, with whatever gives it back.
    Image(std::shared_ptr<const std::byte> memory, std::size_t size) noexcept
        : memory_(std::move(memory)), size_(size) {}

    /// One in memory of this process, and of those that it forks, that `fill` writes: it is called
    /// with `size` bytes, and returns how many of them are the image. A large one asks for huge
    /// pages: lookups at random in 4 kB pages wait for page tables as long as for the data.
    template <class Fill>
    static Image filled_by(Fill fill, std::size_t size) {
        const auto alignment = std::align_val_t{size < kHugePage ? kAlignment : kHugePage};
        const auto release = [alignment](std::byte *memory) {
            ::operator delete(memory, alignment);
        };
        const std::shared_ptr<std::byte> memory(
            static_cast<std::byte *>(::operator new(size, alignment)), release);
        if (size >= kHugePage) {
            ::madvise(memory.get(), size, MADV_HUGEPAGE);  // a wish: without it, it is slower
        }
        return {memory, fill(std::span(memory.get(), size))};
    }

    /// A copy of `bytes`.
    static Image copy_of(std::span<const std::byte> bytes) {
        const auto copy = [bytes](std::span<std::byte> memory) {
            std::ranges::copy(bytes, memory.begin());
            return memory.size();
        };
        return filled_by(copy, bytes.size());
    }

    std::span<const std::byte> bytes() const noexcept { return {memory_.get(), size_}; }

    /// The first value in it.
    template <class T>
    const T &begin() const noexcept {
        return *std::launder(reinterpret_cast<const T *>(memory_.get()));
    }

  private:
    static constexpr std::size_t kHugePage = std::size_t{2} * 1024 * 1024;

    std::shared_ptr<const std::byte> memory_;
    std::size_t size_ = 0;
};

}  // namespace ipfence
