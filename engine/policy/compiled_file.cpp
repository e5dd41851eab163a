#include "engine/policy/compiled_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>

namespace ipfence {

namespace {

// Readable by all: what a policy says is no secret to those who may log in to the machine. The
// process's umask may say otherwise.
constexpr mode_t kMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

Error error_of(const std::string &path, const char *what, int number = errno) {
    return Error{path + ": " + what + ": " + std::strerror(number)};
}

// The last of a chain of symbolic links, which need not be there itself.
Result<std::string> end_of_links(const std::string &path) {
    constexpr int kMostLinks = 40;  // as the system has it
    std::filesystem::path target = path;
    for (int links = 0; links <= kMostLinks; ++links) {
        std::error_code is_no_link;
        const auto next = std::filesystem::read_symlink(target, is_no_link);
        if (is_no_link) {
            return target.string();
        }
        target = target.parent_path() / next;
    }
    return error_of(path, "cannot be written", ELOOP);
}

// Who may read a file is not changed by what is in it. Its owner only root can keep.
bool take_over_rights(int descriptor, const struct stat &old) noexcept {
    if (::fchown(descriptor, old.st_uid, old.st_gid) != 0) {
        (void)!::fchown(descriptor, static_cast<uid_t>(-1), old.st_gid);
    }
    return ::fchmod(descriptor, old.st_mode & 07777) == 0;
}

std::optional<Error> write_temporary(const Policy &policy, const std::string &temporary,
                                     const struct stat *old) {
    const mode_t mode = old != nullptr ? S_IRUSR | S_IWUSR : kMode;
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor < 0) {
        return error_of(temporary, "cannot be created");
    }
    std::optional<Error> error = write_compiled(policy, descriptor, temporary);
    if (!error &&
        ((old != nullptr && !take_over_rights(descriptor, *old)) || ::fsync(descriptor) != 0)) {
        error = error_of(temporary, "cannot be written");
    }
    ::close(descriptor);
    return error;
}

// `old` is null where there is no file yet.
std::optional<Error> replace(const Policy &policy, const std::string &path,
                             const struct stat *old) {
    const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
    std::optional<Error> error = write_temporary(policy, temporary, old);
    if (!error && ::rename(temporary.c_str(), path.c_str()) != 0) {
        error = error_of(path, "cannot be replaced");
    }
    if (error) {
        ::unlink(temporary.c_str());
    }
    return error;
}

// A pipe, a device: something that is there to be written to.
std::optional<Error> write_into(const Policy &policy, const std::string &path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        return error_of(path, "cannot be written");
    }
    std::optional<Error> error = write_compiled(policy, descriptor, path);
    if (::close(descriptor) != 0 && !error) {
        error = error_of(path, "cannot be written");
    }
    return error;
}

}  // namespace

std::optional<Error> write_compiled(const Policy &policy, int descriptor, const std::string &name) {
    std::span<const std::byte> bytes = policy.image().bytes();
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return error_of(name, "cannot be written");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return std::nullopt;
}

std::optional<Error> write_compiled(const Policy &policy, const std::string &path) {
    struct stat old {};
    const bool is_there = ::stat(path.c_str(), &old) == 0;
    // A link that the system does not follow, as one that somebody else put into /tmp.
    if (!is_there && errno != ENOENT) {
        return error_of(path, "cannot be written");
    }
    if (is_there && !S_ISREG(old.st_mode)) {
        return write_into(policy, path);
    }
    const auto target = end_of_links(path);
    return target ? replace(policy, *target, is_there ? &old : nullptr)
                  : std::optional(target.error());
}

}  // namespace ipfence
