#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace ipfence::module {

/// Memory that this process shares with those that it forks from then on: all zero at first, and
/// unmapped with this. Where there is none to be had, it is empty, and `errno` says why.
class InheritedMemory {
  public:
    InheritedMemory() = default;
    explicit InheritedMemory(std::size_t size) noexcept {
        void *start =
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (start != MAP_FAILED) {
            start_ = start;
            size_ = size;
        }
    }
    InheritedMemory(InheritedMemory &&other) noexcept
        : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    InheritedMemory &operator=(InheritedMemory &&other) noexcept {
        std::swap(start_, other.start_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~InheritedMemory() {
        if (start_ != nullptr) {
            ::munmap(start_, size_);
        }
    }

    explicit operator bool() const noexcept { return start_ != nullptr; }
    void *start() const noexcept { return start_; }
    std::size_t size() const noexcept { return size_; }

  private:
    void *start_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace ipfence::module
