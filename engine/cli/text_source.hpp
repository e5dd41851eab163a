#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include "engine/result.hpp"

namespace ipfence::cli {

/// Reads a stream to its end, but no more than `limit` bytes of it.
Result<std::string> read_stream(std::FILE *stream, std::size_t limit);

/// Reads a file likewise. The message of an error begins with its name.
Result<std::string> read_file(const std::string &file, std::size_t limit);

}  // namespace ipfence::cli
