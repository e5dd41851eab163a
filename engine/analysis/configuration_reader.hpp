#pragma once

#include <cstddef>
#include <string>

#include "engine/analysis/nginx_configuration.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// More of any of these is refused: no configuration comes near, and a hostile one shall not cost
/// more.
struct ConfigurationLimits {
    static constexpr std::size_t kBytes = 32 * 1024 * 1024;  // of all files together
    static constexpr std::size_t kFiles = 10'000;            // a file counts as often as included
    static constexpr unsigned kDepth = 64;                   // of blocks and includes
};

/// Reads an nginx configuration and what it includes (a relative include is relative to the
/// directory of `file`; a pattern may match nothing). An error begins with file and line. What
/// nginx's own parser would not read is an error, and so are blocks of Lua code, which are not
/// nginx's language, and a file that is not a regular one, which could block.
Result<NginxConfiguration> read_nginx_configuration(const std::string &file);

}  // namespace ipfence
