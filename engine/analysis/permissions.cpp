#include "engine/analysis/permissions.hpp"

#include <sys/stat.h>

namespace ipfence {

namespace {

constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

}  // namespace

bool Permissions::can_others_write() const noexcept {
    // In a sticky directory nobody can replace what is another's.
    const bool can_replace =
        (of_directory & kWritableByOthers) != 0 && (of_directory & S_ISVTX) == 0;
    return (of_file & kWritableByOthers) != 0 || can_replace;
}

bool Permissions::can_everybody_read() const noexcept {
    return (of_file & S_IROTH) != 0;
}

std::optional<Permissions> permissions_of(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    struct stat of_file {};
    struct stat of_directory {};
    if (::stat(path.c_str(), &of_file) != 0 || ::stat(directory.c_str(), &of_directory) != 0 ||
        !S_ISREG(of_file.st_mode)) {
        return std::nullopt;
    }
    return Permissions{of_file.st_mode, of_directory.st_mode};
}

}  // namespace ipfence
