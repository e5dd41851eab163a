#include "engine/policy/source_stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ipfence {

namespace {

SourceFailure failure(const char *what, int error) {
    const bool is_passing = error == EMFILE || error == ENFILE || error == ENOMEM;
    return {std::string(what) + ": " + std::strerror(error), is_passing};
}

// A directory says itself that it cannot be read.
bool keeps_waiting(int descriptor) noexcept {
    struct stat status {};
    return ::fstat(descriptor, &status) != 0 ||
           (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

}  // namespace

Result<SourceStream, SourceFailure> open_source(const std::string &file, SourceKind kind) {
    // Without O_NONBLOCK, to open a pipe is to wait for its writer.
    const int wait = kind == SourceKind::regular ? O_NONBLOCK : 0;
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
    if (descriptor < 0) {
        return failure("cannot be opened", errno);
    }
    if (kind == SourceKind::regular && keeps_waiting(descriptor)) {
        ::close(descriptor);
        return SourceFailure{
            "is not a regular file, and nginx does not wait for a pipe or a device: put a file in "
            "its place"};
    }
    SourceStream stream(::fdopen(descriptor, "r"), &std::fclose);
    if (stream == nullptr) {
        const int error = errno;
        ::close(descriptor);
        return failure("cannot be opened", error);
    }
    return stream;
}

SourceFailure reading_failure() {
    return failure("cannot be read", errno);
}

}  // namespace ipfence
