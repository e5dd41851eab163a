#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace ipfence::fuzz {

/// A file that what is tested can open, in a directory of its own that goes when the fuzzer ends.
class ScratchFile {
  public:
    explicit ScratchFile(const char *name) {
        std::string pattern = (std::filesystem::temp_directory_path() / "ipfence-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        path_ = directory_ / name;
    }
    ScratchFile(const ScratchFile &) = delete;
    ScratchFile &operator=(const ScratchFile &) = delete;
    ~ScratchFile() { std::filesystem::remove_all(directory_); }

    /// The path, once `text` is all that the file holds.
    std::string with(std::string_view text) const {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
        return path_.string();
    }

  private:
    std::filesystem::path directory_;
    std::filesystem::path path_;
};

}  // namespace ipfence::fuzz
