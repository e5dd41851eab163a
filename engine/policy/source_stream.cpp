#include "engine/policy/source_stream.hpp"

#include <cerrno>
#include <cstring>

namespace ipfence {

namespace {

SourceFailure failure(const char *what, int error) {
    const bool is_passing = error == EMFILE || error == ENFILE || error == ENOMEM;
    return {std::string(what) + ": " + std::strerror(error), is_passing};
}

}  // namespace

Result<SourceStream, SourceFailure> open_source(const std::string &file) {
    SourceStream stream(std::fopen(file.c_str(), "re"), &std::fclose);
    if (stream == nullptr) {
        return failure("cannot be opened", errno);
    }
    return stream;
}

SourceFailure reading_failure() {
    return failure("cannot be read", errno);
}

}  // namespace ipfence
