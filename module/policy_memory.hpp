#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "engine/descriptor.hpp"
#include "engine/result.hpp"

namespace ipfence::module {

/// Memory for the images of policies, which the processes share that are forked after it was made:
/// one file without a name, of which only what is written takes memory. What is where is for the
/// caller to say.
class PolicyMemory {
  public:
    /// What every place is a multiple of, and what is unmapped or given back at once: some 150 us.
    static constexpr std::size_t kStep = std::size_t{2} << 20;

    /// The least multiple of kStep that has room for this.
    static constexpr std::size_t room_for(std::size_t size) noexcept {
        return (size + kStep - 1) / kStep * kStep;
    }

    static Result<std::unique_ptr<PolicyMemory>> make();

    /// Writes an image to a place; says what went wrong.
    std::optional<Error> write(std::size_t place, std::span<const std::byte> image);

    /// What is at a place, to be read and unmapped; empty when it cannot be mapped.
    std::span<const std::byte> map(std::size_t place, std::size_t size) const noexcept;
    static void unmap(std::span<const std::byte> memory) noexcept;

    /// Gives back what this much from a place on takes, where nobody reads.
    void give_back(std::size_t place, std::size_t size) noexcept;

  private:
    explicit PolicyMemory(Descriptor file) noexcept : file_(std::move(file)) {}

    const Descriptor file_;
};

}  // namespace ipfence::module
