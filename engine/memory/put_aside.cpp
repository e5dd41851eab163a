#include <span>

#include "engine/memory/memory.hpp"

namespace ipfence {

// What was put aside may be alike no longer: its token was refreshed, or its user became known.
void Memory::add_put_aside(const Digest &session, Seconds now,
                           SessionMemory &memory) const noexcept {
    for (unsigned index = SessionMemory::kMaxGrants; index < SessionMemory::kMaxPlaces; ++index) {
        const auto place = session_grant(session, index, now);
        GrantRecord grant;
        if (!place || !zone_.grants().find(place->grant, now, grant)) {
            continue;
        }
        const bool is_refreshed = grant.has(GrantRecord::kRefreshed);
        bool is_alike = false;
        for (GrantRecord &record : std::span(memory.records).first(memory.count)) {
            grant.set(GrantRecord::kRefreshed, record.has(GrantRecord::kRefreshed));
            if (are_alike(grant, record)) {
                is_alike = true;
                record.set(GrantRecord::kRefreshed,
                           is_refreshed || record.has(GrantRecord::kRefreshed));
            }
        }
        if (!is_alike && memory.count == SessionMemory::kMaxGrants) {
            memory.state = SessionMemory::State::lost;
            memory.count = 0;
            return;
        }
        if (!is_alike) {
            grant.set(GrantRecord::kRefreshed, is_refreshed);
            memory.records[memory.count++] = grant;
        }
    }
}

}  // namespace ipfence
