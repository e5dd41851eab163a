#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "engine/result.hpp"

namespace ipfence::module {

/// Memory for the images of policies, which the processes share that are forked after it was made.
/// Which slot is whose, and how much is in it, is for the caller to say.
class PolicySlots {
  public:
    static constexpr unsigned kSlots = 8;

    static Result<std::unique_ptr<PolicySlots>> make();

    PolicySlots(const PolicySlots &) = delete;
    PolicySlots &operator=(const PolicySlots &) = delete;
    ~PolicySlots();

    /// Writes an image in place of what a slot has; says what went wrong.
    std::optional<Error> write(unsigned slot, std::span<const std::byte> image);

    /// The first `size` bytes of a slot, to be read and unmapped; empty when there is no memory.
    std::span<const std::byte> map(unsigned slot, std::size_t size) const noexcept;
    static void unmap(std::span<const std::byte> memory) noexcept;

    /// Gives back what a slot has behind its first `size` bytes.
    void shrink(unsigned slot, std::size_t size) noexcept;

  private:
    PolicySlots() noexcept { descriptors_.fill(-1); }

    std::array<int, kSlots> descriptors_;
};

}  // namespace ipfence::module
