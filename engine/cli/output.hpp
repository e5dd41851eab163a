#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace ipfence::cli {

/// Gathers output in a buffer of fixed size and writes it when that is full or `flush` is called.
/// After a write failed, nothing more is written.
class Output {
  public:
    explicit Output(int descriptor) noexcept : descriptor_(descriptor) {}

    /// Writes what the buffer has no room for.
    void append(std::string_view text) noexcept;

    /// Whether all that was appended is written.
    bool flush() noexcept;

    /// The errno of the write that failed; 0 while none did.
    int error() const noexcept { return error_; }

  private:
    std::array<char, 64 * 1024> buffer_;
    std::size_t size_ = 0;
    int descriptor_;
    int error_ = 0;
};

}  // namespace ipfence::cli
