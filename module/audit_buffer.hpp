#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ipfence::module {

/// Lines that wait to be written, of one worker, in memory that its successor shares: a worker that
/// is killed loses none. Whatever instruction it is killed at, what is here is whole lines. One
/// process uses it at a time.
class AuditBuffer {
  public:
    /// Its size with room for `capacity` bytes of lines.
    static constexpr std::size_t size_for(std::size_t capacity) noexcept {
        constexpr std::size_t kLine = 64;  // of the cache: two workers share none
        return (sizeof(AuditBuffer) + capacity + kLine - 1) / kLine * kLine;
    }

    /// An empty one; what follows it, up to size_for(capacity), is its own.
    explicit AuditBuffer(std::uint32_t capacity) noexcept : capacity_(capacity) {}

    AuditBuffer(const AuditBuffer &) = delete;
    AuditBuffer &operator=(const AuditBuffer &) = delete;

    /// Adds a line. False: there is no room.
    bool append(std::string_view line) noexcept;

    /// Where the next line may be made, and how it is added then.
    std::span<char> room() noexcept;
    void add(std::size_t size) noexcept;

    /// What waits.
    std::string_view lines() const noexcept;

    /// Takes as many bytes away, from the front: whole lines.
    void remove(std::size_t count) noexcept;

  private:
    struct Extent {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
    };

    char *storage() noexcept { return reinterpret_cast<char *>(this + 1); }
    const char *storage() const noexcept { return reinterpret_cast<const char *>(this + 1); }

    static_assert(std::atomic<Extent>::is_always_lock_free);
    std::atomic<Extent> extent_{Extent{}};
    std::uint32_t capacity_;
};

}  // namespace ipfence::module
