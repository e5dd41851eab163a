#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace ipfence::module {

/// A base of what many a request makes one of: the memory of one that has ended is kept for the
/// next, so that neither the heap is asked nor the request's pool, in which it would make nginx
/// take another block for many a request. For `new (std::nothrow)`, in the event loop's thread.
template <class T>
class Recycled {
  public:
    static void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
        if (kept_.first == nullptr) {
            return ::operator new(size, std::nothrow);
        }
        --kept_.count;
        return std::exchange(kept_.first, kept_.first->next);
    }

    static void operator delete(void *memory) noexcept {
        if (memory == nullptr || kept_.count == kAtMost) {
            ::operator delete(memory);
            return;
        }
        ++kept_.count;
        kept_.first = new (memory) Free{kept_.first};
    }

  private:
    struct Free {
        Free *next;
    };

    // Goes with the module, which nginx unloads.
    struct Kept {
        ~Kept() {
            while (first != nullptr) {
                ::operator delete(std::exchange(first, first->next));
            }
        }

        Free *first = nullptr;
        unsigned count = 0;
    };

#if defined(__SANITIZE_ADDRESS__)
    static constexpr unsigned kAtMost = 0;  // so that whoever uses one that has ended is found out
#else
    static constexpr unsigned kAtMost = 64;
#endif

    inline static Kept kept_;
};

/// Makes one more T, after `last`, which becomes its `former`: what has views on those made before
/// keeps them. Null, and nothing has changed, when there is no memory.
template <class T>
T *make_after(std::unique_ptr<T> &last) noexcept {
    std::unique_ptr<T> made(new (std::nothrow) T);
    if (made == nullptr) {
        return nullptr;
    }
    made->former = std::move(last);
    last = std::move(made);
    return last.get();
}

}  // namespace ipfence::module
