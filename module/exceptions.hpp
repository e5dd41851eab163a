#pragma once

#include <cstddef>
#include <cstdlib>
#include <exception>

namespace ipfence::module {

/// Lets this thread, and those of the processes that it forks, throw from here on; false when there
/// is no memory for that. What a thread keeps of its exceptions is allocated with its first one,
/// and where there is no memory then, as for a std::bad_alloc, glibc ends the process.
inline bool reserve_exceptions() noexcept {
    constexpr std::size_t kMore = 4096;  // than it takes
    void *volatile memory = std::malloc(kMore);
    if (memory == nullptr) {
        return false;
    }
    std::free(memory);
    const volatile int uncaught = std::uncaught_exceptions();  // volatile: else nobody asks
    (void)uncaught;
    return true;
}

}  // namespace ipfence::module
