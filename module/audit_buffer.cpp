#include "module/audit_buffer.hpp"

namespace ipfence::module {

std::span<char> AuditBuffer::room() noexcept {
    const Extent extent = extent_.load(std::memory_order_relaxed);
    return {storage() + extent.end, capacity_ - extent.end};
}

void AuditBuffer::add(std::size_t size) noexcept {
    const Extent extent = extent_.load(std::memory_order_relaxed);
    extent_.store({extent.begin, extent.end + static_cast<std::uint32_t>(size)},
                  std::memory_order_release);
}

bool AuditBuffer::append(std::string_view line) noexcept {
    const std::span<char> room = this->room();
    if (line.size() > room.size()) {
        return false;
    }
    line.copy(room.data(), line.size());
    add(line.size());
    return true;
}

std::string_view AuditBuffer::lines() const noexcept {
    const Extent extent = extent_.load(std::memory_order_acquire);
    return {storage() + extent.begin, extent.end - extent.begin};
}

void AuditBuffer::remove(std::size_t count) noexcept {
    const Extent extent = extent_.load(std::memory_order_relaxed);
    const auto begin = extent.begin + static_cast<std::uint32_t>(count);
    extent_.store(begin == extent.end ? Extent{} : Extent{begin, extent.end},
                  std::memory_order_release);
}

}  // namespace ipfence::module
