#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace ipfence {

/// The permissions of a regular file and of the directory that it is in.
struct Permissions {
    mode_t of_file;
    mode_t of_directory;

    /// Whether group or others can change the file, or put another in its place.
    bool can_others_write() const noexcept;
    /// Whether everybody can read it.
    bool can_everybody_read() const noexcept;
};

/// Those of `path`; empty when it is not a regular file.
std::optional<Permissions> permissions_of(const std::string &path);

}  // namespace ipfence
