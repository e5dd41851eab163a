#include "engine/policy/compiled_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace ipfence {

namespace {

// Readable by all: what a policy says is no secret to those who may log in to the machine. The
// process's umask may say otherwise.
constexpr mode_t kMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

Error error_of(const std::string &path, const char *what) {
    return Error{path + ": " + what + ": " + std::strerror(errno)};
}

}  // namespace

std::optional<Error> write_compiled(const Policy &policy, const std::string &path) {
    const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kMode);
    if (descriptor < 0) {
        return error_of(temporary, "cannot be created");
    }
    const bool is_written =
        write_all(descriptor, policy.image().bytes()) && ::fsync(descriptor) == 0;
    std::optional<Error> error;
    if (!is_written) {
        error = error_of(temporary, "cannot be written");
    }
    ::close(descriptor);
    if (!error && ::rename(temporary.c_str(), path.c_str()) != 0) {
        error = error_of(path, "cannot be replaced");
    }
    if (error) {
        ::unlink(temporary.c_str());
    }
    return error;
}

}  // namespace ipfence
