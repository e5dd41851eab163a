#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/result.hpp"

namespace ipfence {

/// The text of a file, and what tells it from every other one, however its path is written.
struct ConfigurationFile {
    std::pair<dev_t, ino_t> identity;
    std::string text;
};

/// Reads a regular file of at most `limit` bytes.
Result<ConfigurationFile> read_configuration_file(const std::string &path, std::size_t limit);

/// The files that an `include` means, sorted: those that match where it is a pattern, which may be
/// none; else the file of that name, whether it exists or not.
Result<std::vector<std::string>> included_files(const std::string &pattern);

}  // namespace ipfence
