#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipfence::cli {

/// `1 user`, `2 users`: of a noun that takes an "s".
inline std::string counted(std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace ipfence::cli
