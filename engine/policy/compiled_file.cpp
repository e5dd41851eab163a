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
#include <utility>

#include "engine/descriptor.hpp"

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

// The file to write, which has no name: nothing is left of it, whatever ends the process. Where the
// file system has no such files, or /proc is not there to name them by, it is `temporary` at once.
struct NewFile {
    Descriptor descriptor;
    bool is_named;
};

NewFile create(const std::string &temporary, mode_t mode) {
    const std::size_t slash = temporary.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : temporary.substr(0, slash + 1);
    Descriptor unnamed(::access("/proc/self/fd", X_OK) == 0
                           ? ::open(directory.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, mode)
                           : -1);
    if (unnamed) {
        return {std::move(unnamed), false};
    }
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    return {Descriptor(::open(temporary.c_str(), kFlags, mode)), true};
}

bool link_to(const Descriptor &file, const std::string &path) {
    const std::string unnamed = "/proc/self/fd/" + std::to_string(file.number());
    return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

// Puts the file that is written in its place; a file that is there can only be replaced by a name.
bool put_in_place(const NewFile &file, const std::string &temporary, const std::string &path) {
    if (!file.is_named) {
        if (link_to(file.descriptor, path)) {
            return true;
        }
        ::unlink(temporary.c_str());  // of a process that had this number
        if (!link_to(file.descriptor, temporary)) {
            return false;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) == 0) {
        return true;
    }
    const int error = errno;
    ::unlink(temporary.c_str());
    errno = error;
    return false;
}

// `old` is null where there is no file yet.
std::optional<Error> replace(const Policy &policy, const std::string &path,
                             const struct stat *old) {
    const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
    const NewFile file = create(temporary, old != nullptr ? S_IRUSR | S_IWUSR : kMode);
    if (!file.descriptor) {
        return error_of(temporary, "cannot be created");
    }
    const int descriptor = file.descriptor.number();
    std::optional<Error> error = write_compiled(policy, descriptor, path);
    if (!error &&
        ((old != nullptr && !take_over_rights(descriptor, *old)) || ::fsync(descriptor) != 0)) {
        error = error_of(path, "cannot be written");
    }
    if (error && file.is_named) {
        ::unlink(temporary.c_str());
    }
    if (!error && !put_in_place(file, temporary, path)) {
        error = error_of(path, "cannot be replaced");
    }
    return error;
}

// A pipe, a device: something that is there to be written to.
std::optional<Error> write_into(const Policy &policy, const std::string &path) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) {
        return error_of(path, "cannot be written");
    }
    std::optional<Error> error = write_compiled(policy, file.number(), path);
    // A device may say only then that it has not taken all.
    if (::close(file.release()) != 0 && !error) {
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
