#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace ipfence {

/// Is told how far the loading of a policy is: what is being done, a literal, and how much of it.
/// `total` is 0 where nobody knows.
using LoadProgress =
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

}  // namespace ipfence
