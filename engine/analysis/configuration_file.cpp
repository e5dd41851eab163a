#include "engine/analysis/configuration_file.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/descriptor.hpp"

namespace ipfence {

namespace {

Error failed(const char *what) {
    return Error{std::string("cannot be ") + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<ConfigurationFile> read_configuration_file(const std::string &path, std::size_t limit) {
    // Not blocking: to open a pipe would wait for its writer.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
        return failed("opened");
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{"is not a regular file"};
    }

    ConfigurationFile read{{status.st_dev, status.st_ino}, {}};
    std::array<char, 64 * 1024> buffer;
    for (;;) {
        const ssize_t size = ::read(file.number(), buffer.data(), buffer.size());
        if (size < 0) {
            return failed("read");
        }
        if (size == 0) {
            return read;
        }
        if (static_cast<std::size_t>(size) > limit - read.text.size()) {
            return Error{"makes the configuration too large"};
        }
        read.text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

Result<std::vector<std::string>> included_files(const std::string &pattern) {
    // The bytes by which nginx, too, tells a pattern from a name.
    if (pattern.find_first_of("*?[") == std::string::npos) {
        return std::vector<std::string>{pattern};
    }
    glob_t matches{};
    const int outcome = ::glob(pattern.c_str(), 0, nullptr, &matches);
    std::vector<std::string> files;
    if (outcome == 0) {
        files.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
    }
    ::globfree(&matches);
    if (outcome != 0 && outcome != GLOB_NOMATCH) {
        return Error{"the pattern \"" + pattern + "\" cannot be followed"};
    }
    return files;
}

}  // namespace ipfence
