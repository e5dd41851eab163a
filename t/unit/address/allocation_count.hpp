#pragma once

#include <cstddef>

namespace ipfence {

/// How often this program has called operator new so far.
std::size_t allocation_count() noexcept;

}  // namespace ipfence
