#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ipfence {

/// What tells that files changed, by whatever means: 64 bits of when and where each was written,
/// how large it is, and whether it is there at all.
class FilesVersion {
  public:
    /// Adds a file as it is now.
    void add(const std::string &file) noexcept {
        const struct stat status = add_identity(file);
        mix(status.st_size);
        mix(status.st_mtim.tv_sec);
        mix(status.st_mtim.tv_nsec);
        // Also set back to an older file's time, a file was changed at some moment.
        mix(status.st_ctim.tv_sec);
        mix(status.st_ctim.tv_nsec);
    }

    /// Adds only which file it is, whatever is written into it.
    struct stat add_identity(const std::string &file) noexcept {
        struct stat status {};
        const bool is_there = ::stat(file.c_str(), &status) == 0;
        mix(is_there ? 1 : 2);
        // Where a link leads to another file system, the rest may be the same.
        mix(static_cast<std::int64_t>(status.st_dev));
        mix(static_cast<std::int64_t>(status.st_ino));
        return status;
    }

    std::uint64_t value() const noexcept { return value_; }

  private:
    void mix(std::int64_t number) noexcept {
        constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
        value_ = (value_ ^ static_cast<std::uint64_t>(number)) * kFactor;
        value_ ^= value_ >> 29;
    }

    std::uint64_t value_ = 0;
};

/// The version of these files, as they are now.
inline std::uint64_t version_of(const std::vector<std::string> &files) noexcept {
    FilesVersion version;
    for (const std::string &file : files) {
        version.add(file);
    }
    return version.value();
}

/// Which files these are, whatever is written into them.
inline std::uint64_t identity_of(const std::vector<std::string> &files) noexcept {
    FilesVersion identity;
    for (const std::string &file : files) {
        identity.add_identity(file);
    }
    return identity.value();
}

}  // namespace ipfence
