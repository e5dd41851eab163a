#include "module/audit_buffer.hpp"

namespace ipfence::module {

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
