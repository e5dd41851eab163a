#pragma once

#include <cstdint>

namespace ipfence {

/// Seconds of the clock that never steps (CLOCK_MONOTONIC), since the machine started.
using Seconds = std::uint32_t;

/// One instant on the two clocks that whatever outlives the machine needs.
struct Instant {
    std::int64_t unix_time = 0;  ///< may step; goes on while the machine is off
    Seconds monotonic = 0;       ///< never steps; begins again with the machine
};

}  // namespace ipfence
