#include "engine/file_version.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

#include "t/unit/policy/temporary_files.hpp"

namespace ipfence {
namespace {

// A file system of a test's own.
class Mounted {
  public:
    explicit Mounted(std::string directory) : directory_(std::move(directory)) {
        std::filesystem::create_directory(directory_);
        is_mounted_ = ::mount("none", directory_.c_str(), "tmpfs", 0, nullptr) == 0;
    }
    Mounted(const Mounted &) = delete;
    Mounted &operator=(const Mounted &) = delete;
    ~Mounted() {
        if (is_mounted_) {
            ::umount2(directory_.c_str(), MNT_DETACH);
        }
    }
    explicit operator bool() const noexcept { return is_mounted_; }

  private:
    std::string directory_;
    bool is_mounted_ = false;
};

// Sets the time of a file back to 1970, as images that can be built again have it.
struct stat set_back(const std::string &file) {
    const timespec times[2]{};
    ::utimensat(AT_FDCWD, file.c_str(), times, 0);
    struct stat status {};
    ::stat(file.c_str(), &status);
    return status;
}

TEST(FilesVersion, TellsFileSystemsApart) {
    const TemporaryFiles files;
    const Mounted first(files.path("first"));
    const Mounted second(files.path("second"));
    if (!first || !second) {
        GTEST_SKIP() << "nothing can be mounted here";
    }
    const std::string policies[]{files.path("first/policy.json"), files.path("second/policy.json")};
    files.write("first/policy.json", "old");
    files.write("second/policy.json", "new");
    const std::string link = files.path("policy.json");
    std::filesystem::create_symlink(policies[0], link);
    constexpr int kTries = 1000;
    for (int tries = 0; tries < kTries; ++tries) {
        const struct stat one = set_back(policies[0]);
        const struct stat other = set_back(policies[1]);
        if (one.st_ctim.tv_sec == other.st_ctim.tv_sec &&
            one.st_ctim.tv_nsec == other.st_ctim.tv_nsec) {
            ASSERT_EQ(one.st_ino, other.st_ino);
            const std::uint64_t before = version_of({link});
            std::filesystem::remove(link);
            std::filesystem::create_symlink(policies[1], link);
            EXPECT_NE(version_of({link}), before);
            return;
        }
    }
    GTEST_SKIP() << "no two files of the same moment";
}

}  // namespace
}  // namespace ipfence
