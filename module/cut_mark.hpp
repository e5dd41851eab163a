#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ipfence::module {

/// Whether a file ends in a part of a line, where the disk was full: the next line must not be
/// added to it, whichever process writes that. In memory that all processes and configurations
/// share that write to the path. Files are told apart by their inodes: one that is rotated away
/// keeps its part of a line.
class CutMark {
  public:
    /// The end of a file as it was once seen.
    struct End {
        std::uint32_t cuts = 0;  // so far: no two are the same
        std::uint32_t file = 0;  // that ends in a part of a line; 0: none
    };

    /// The one of this path, before processes are begun. Throws std::bad_alloc.
    static std::shared_ptr<CutMark> of(std::string_view path);

    CutMark(const CutMark &) = delete;
    CutMark &operator=(const CutMark &) = delete;
    ~CutMark();

    /// Whether the file ends in a part of a line, and the end that `mend` is to be called with.
    bool is_cut(int descriptor, End &end) const noexcept;

    /// A part of a line was written to the file.
    void cut(int descriptor) noexcept;

    /// That line was ended; nothing, where another one was cut since.
    void mend(End end) noexcept;

  private:
    CutMark(std::string_view path, std::atomic<End> *end) : path_(path), end_(end) {}

    static_assert(std::atomic<End>::is_always_lock_free);
    const std::string path_;
    std::atomic<End> *const end_;
};

}  // namespace ipfence::module
