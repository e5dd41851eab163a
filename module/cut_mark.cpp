#include "module/cut_mark.hpp"

#include <sys/stat.h>

#include <new>
#include <vector>

namespace ipfence::module {

namespace {

// Those of this process; each lives as long as a configuration that uses it.
std::vector<std::weak_ptr<CutMark>> &marks() {
    static std::vector<std::weak_ptr<CutMark>> list;
    return list;
}

// Never 0.
std::uint32_t identity_of(int descriptor) noexcept {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 ? static_cast<std::uint32_t>(status.st_ino << 1) | 1
                                             : 1;
}

}  // namespace

std::shared_ptr<CutMark> CutMark::of(std::string_view path) {
    std::erase_if(marks(), [](const auto &known) { return known.expired(); });
    for (const auto &known : marks()) {
        if (auto mark = known.lock(); mark && mark->path_ == path) {
            return mark;
        }
    }
    InheritedMemory memory(sizeof(std::atomic<End>));
    if (!memory) {
        throw std::bad_alloc();
    }
    std::shared_ptr<CutMark> mark(new CutMark(path, std::move(memory)));
    marks().push_back(mark);
    return mark;
}

bool CutMark::is_cut(int descriptor, End &end) const noexcept {
    end = end_->load(std::memory_order_acquire);
    return end.file != 0 && end.file == identity_of(descriptor);
}

void CutMark::cut(int descriptor) noexcept {
    const std::uint32_t file = identity_of(descriptor);
    End end = end_->load(std::memory_order_relaxed);
    while (!end_->compare_exchange_weak(end, {end.cuts + 1, file}, std::memory_order_release)) {
    }
}

void CutMark::mend(End end) noexcept {
    end_->compare_exchange_strong(end, {end.cuts, 0}, std::memory_order_release);
}

}  // namespace ipfence::module
