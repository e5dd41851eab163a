#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "engine/result.hpp"

namespace ipfence {

/// Why a file of a policy could not be read.
struct SourceFailure {
    std::string message;
    /// Whether the system had no descriptor or no memory left: the file itself may be sound.
    bool is_passing = false;
};

using SourceStream = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

/// What may be read as a file of a policy.
enum class SourceKind {
    any,      ///< also a pipe, which is waited for
    regular,  ///< only what is there to be read: nobody waits for another process
};

/// Opens a file of a policy.
Result<SourceStream, SourceFailure> open_source(const std::string &file, SourceKind kind);

/// The failure of reading a stream, by what the system said last.
SourceFailure reading_failure();

}  // namespace ipfence
