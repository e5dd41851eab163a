#include "engine/memory/eviction.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace ipfence {

namespace {

std::ptrdiff_t records_of(std::uint32_t owner, std::span<const RecordHeader> set,
                          const RecordHeader &newcomer) noexcept {
    return std::ranges::count(set, owner, &RecordHeader::owner) + (newcomer.owner == owner ? 1 : 0);
}

}  // namespace

std::optional<std::size_t> choose_victim(std::span<const RecordHeader> set,
                                         const RecordHeader &newcomer) noexcept {
    // The smallest goes: derived before learned, a crowd before a single one, the old before the
    // young.
    const auto order = [&](const RecordHeader &record) {
        return std::tuple(record.standing, -records_of(record.owner, set, newcomer),
                          record.expires);
    };
    const auto victim = std::ranges::min_element(set, {}, order);
    if (victim == set.end() || victim->standing > newcomer.standing) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(victim - set.begin());
}

}  // namespace ipfence
