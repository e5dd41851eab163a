#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "module/inherited_memory.hpp"

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

    /// Whether the file ends in a part of a line, and the end that `mend` is to be called with.
    bool is_cut(int descriptor, End &end) const noexcept;

    /// A part of a line was written to the file.
    void cut(int descriptor) noexcept;

    /// That line was ended; nothing, where another one was cut since.
    void mend(End end) noexcept;

  private:
    CutMark(std::string_view path, InheritedMemory memory)
        : path_(path), memory_(std::move(memory)), end_(new (memory_.start()) std::atomic<End>()) {}

    static_assert(std::atomic<End>::is_always_lock_free);
    const std::string path_;
    const InheritedMemory memory_;
    std::atomic<End> *const end_;
};

}  // namespace ipfence::module
