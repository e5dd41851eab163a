#pragma once

#include <optional>
#include <span>

#include "engine/memory/record.hpp"

namespace ipfence {

/// Which of the live records of a full set gives way to a newcomer, by the order that Table
/// documents. Empty when none does.
std::optional<std::size_t> choose_victim(std::span<const RecordHeader> set,
                                         const RecordHeader &newcomer) noexcept;

}  // namespace ipfence
