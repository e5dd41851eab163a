#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ipfence::module {

/// What tells that files changed, by whatever means: 64 bits of when and where each was written,
/// how large it is, and whether it is there at all.
inline std::uint64_t version_of(const std::vector<std::string> &files) noexcept {
    constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
    std::uint64_t version = 0;
    const auto add = [&version](std::int64_t number) {
        version = (version ^ static_cast<std::uint64_t>(number)) * kFactor;
        version ^= version >> 29;
    };
    for (const std::string &file : files) {
        struct stat status {};
        const bool is_there = ::stat(file.c_str(), &status) == 0;
        add(is_there ? 1 : 2);
        add(static_cast<std::int64_t>(status.st_ino));
        add(status.st_size);
        add(status.st_mtim.tv_sec);
        add(status.st_mtim.tv_nsec);
        // Also set back to an older file's time, a file was changed at some moment.
        add(status.st_ctim.tv_sec);
        add(status.st_ctim.tv_nsec);
    }
    return version;
}

}  // namespace ipfence::module
