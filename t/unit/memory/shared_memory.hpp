#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <span>

#include "engine/memory/zone.hpp"

namespace ipfence {

/// Memory for a zone that processes share which are forked from here on.
class SharedMemory {
  public:
    explicit SharedMemory(std::size_t size = Zone::kMinSize)
        : size_(size),
          start_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    }
    SharedMemory(const SharedMemory &) = delete;
    SharedMemory &operator=(const SharedMemory &) = delete;
    ~SharedMemory() { ::munmap(start_, size_); }
    std::span<std::byte> bytes() const { return {static_cast<std::byte *>(start_), size_}; }

  private:
    std::size_t size_;
    void *start_;
};

}  // namespace ipfence
