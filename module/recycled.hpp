#pragma once

#include <cstddef>
#include <new>

namespace ipfence::module {

/// A base of what many a request makes one of: the memory of one that has ended is kept for the
/// next, so that neither the heap is asked nor the request's pool, in which it would make nginx
/// take another block for many a request. For `new (std::nothrow)`, in the event loop's thread.
template <class T>
class Recycled {
  public:
    static void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
        if (free_ == nullptr) {
            return ::operator new(size, std::nothrow);
        }
        --count_;
        Free *taken = free_;
        free_ = taken->next;
        return taken;
    }

    static void operator delete(void *memory) noexcept {
        if (memory == nullptr || count_ == kKept) {
            ::operator delete(memory);
            return;
        }
        ++count_;
        free_ = new (memory) Free{free_};
    }

  private:
    struct Free {
        Free *next;
    };

#if defined(__SANITIZE_ADDRESS__)
    static constexpr unsigned kKept = 0;  // so that whoever uses one that has ended is found out
#else
    static constexpr unsigned kKept = 64;
#endif

    inline static Free *free_ = nullptr;
    inline static unsigned count_ = 0;
};

}  // namespace ipfence::module
