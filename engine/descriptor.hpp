#pragma once

#include <unistd.h>

#include <utility>

namespace ipfence {

/// A descriptor of a file, which is closed with it; one that could not be opened (-1) is none, as
/// is what was moved from or released.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor &&other) noexcept : number_(other.release()) {}
    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    explicit operator bool() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }

    /// Leaves the descriptor to whoever closes it from here on.
    int release() noexcept { return std::exchange(number_, -1); }

  private:
    int number_;
};

}  // namespace ipfence
