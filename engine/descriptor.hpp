#pragma once

#include <unistd.h>

namespace ipfence {

/// A descriptor of a file, which is closed with it; one that could not be opened (-1) is none.
class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    explicit operator bool() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }

  private:
    const int number_;
};

}  // namespace ipfence
