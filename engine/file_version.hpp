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
        struct stat status {};
        mix(::stat(file.c_str(), &status) == 0 ? 1 : 2);
        // Where a link leads to another file system, the rest may be the same.
        mix(static_cast<std::int64_t>(status.st_dev));
        mix(static_cast<std::int64_t>(status.st_ino));
        mix_into(identity_, static_cast<std::int64_t>(status.st_dev));
        mix_into(identity_, static_cast<std::int64_t>(status.st_ino));
        mix(status.st_size);
        mix(status.st_mtim.tv_sec);
        mix(status.st_mtim.tv_nsec);
        // Also set back to an older file's time, a file was changed at some moment.
        mix(status.st_ctim.tv_sec);
        mix(status.st_ctim.tv_nsec);
    }

    std::uint64_t value() const noexcept { return value_; }

    /// Which files these are, whatever is written into them.
    std::uint64_t identity() const noexcept { return identity_; }

  private:
    static void mix_into(std::uint64_t &value, std::int64_t number) noexcept {
        constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
        value = (value ^ static_cast<std::uint64_t>(number)) * kFactor;
        value ^= value >> 29;
    }
    void mix(std::int64_t number) noexcept { mix_into(value_, number); }

    std::uint64_t value_ = 0;
    std::uint64_t identity_ = 0;
};

/// These files, as they are now.
inline FilesVersion look_at(const std::vector<std::string> &files) noexcept {
    FilesVersion version;
    for (const std::string &file : files) {
        version.add(file);
    }
    return version;
}

/// The version of these files, as they are now.
inline std::uint64_t version_of(const std::vector<std::string> &files) noexcept {
    return look_at(files).value();
}

}  // namespace ipfence
