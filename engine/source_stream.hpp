#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "engine/descriptor.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// Why a file could not be read.
struct SourceFailure {
    std::string message;
    /// Whether the system had no descriptor or no memory left: the file itself may be sound.
    bool is_passing = false;
};

/// `what` failed, by this error of the system's.
inline SourceFailure source_failure(const char *what, int error) {
    const bool is_passing = error == EMFILE || error == ENFILE || error == ENOMEM;
    return {std::string(what) + ": " + std::strerror(error), is_passing};
}

/// The failure of reading a stream, by what the system said last.
inline SourceFailure reading_failure() {
    return source_failure("cannot be read", errno);
}

using SourceStream = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

/// What may be read as a file.
enum class SourceKind {
    any,      ///< also a pipe, which is waited for
    regular,  ///< only what is there to be read: nobody waits for another process
};

/// Opens a file.
inline Result<SourceStream, SourceFailure> open_source(const std::string &file, SourceKind kind) {
    // Without O_NONBLOCK, to open a pipe is to wait for its writer.
    const int wait = kind == SourceKind::regular ? O_NONBLOCK : 0;
    Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | wait));
    if (!opened) {
        return source_failure("cannot be opened", errno);
    }
    SourceStream stream(::fdopen(opened.number(), "r"), &std::fclose);
    if (stream == nullptr) {
        return source_failure("cannot be opened", errno);
    }
    const int descriptor = opened.release();  // the stream's
    // A directory says itself that it cannot be read.
    struct stat status {};
    if (kind == SourceKind::regular && (::fstat(descriptor, &status) != 0 ||
                                        (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))) {
        return SourceFailure{
            "is not a regular file, and nginx does not wait for a pipe or a device: put a file in "
            "its place"};
    }
    return stream;
}

}  // namespace ipfence
