#include "engine/store/near_cache.hpp"

#include <algorithm>

#include "engine/store/grant_merge.hpp"

namespace ipfence {

std::optional<CredentialRecord> NearCache::trusted_credential(const Digest &key,
                                                              Seconds now) const noexcept {
    const Zone &zone = memory_.zone();
    const auto record = zone.credentials().find<CredentialRecord>(key, now);
    return record && zone.trust().holds(record->header.epoch, now) ? record : std::nullopt;
}

std::optional<GrantRecord> NearCache::trusted_grant(const Digest &key, Seconds now) const noexcept {
    const Zone &zone = memory_.zone();
    const auto record = zone.grants().find<GrantRecord>(key, now);
    return record && zone.trust().holds(record->header.epoch, now) ? record : std::nullopt;
}

NearCache::Answer NearCache::recall(const Digest &key, Seconds now,
                                    std::optional<Remembered> &remembered) const noexcept {
    const auto credential = trusted_credential(key, now);
    const auto grant = credential ? trusted_grant(credential->grant, now) : std::nullopt;
    if (!grant) {
        return Answer::must_ask;
    }
    if (grant->has(GrantRecord::kForgotten)) {
        return Answer::unknown;
    }
    remembered = Remembered{*credential, *grant};
    return Answer::known;
}

NearCache::Answer NearCache::recall_session(const Digest &key, Seconds now,
                                            SessionMemory &session) const noexcept {
    const auto head = memory_.zone().credentials().find<CredentialRecord>(key, now);
    if (head && head->is_logged_out()) {
        return Answer::unknown;
    }
    if (!head || !memory_.zone().trust().holds(head->header.epoch, now)) {
        return Answer::must_ask;
    }
    memory_.recall_session(key, now, session);
    const auto is_trusted = [&](const GrantRecord &grant) {
        return memory_.zone().trust().holds(grant.header.epoch, now);
    };
    const bool is_known = session.state == SessionMemory::State::known &&
                          std::ranges::all_of(session.grants(), is_trusted) &&
                          // Still: what changed while the grants were read is seen here.
                          trusted_credential(key, now);
    return is_known ? Answer::known : Answer::must_ask;
}

NearCache::Reading NearCache::begin_reading(const Digest &key) const noexcept {
    const Trust trust = memory_.zone().trust();
    return {key, trust.epoch(), trust.changes_of(key)};
}

bool NearCache::is_current(const Reading &reading) const noexcept {
    const Trust trust = memory_.zone().trust();
    return reading.epoch == trust.epoch() && reading.changes == trust.changes_of(reading.key);
}

template <class Record>
void NearCache::distrust_copy(Table &table, const Digest &key, Seconds now) noexcept {
    table.update<Record>(key, now, [](Record &record) {
        const bool was_copy = record.header.epoch != Trust::kNoEpoch;
        record.header.epoch = Trust::kNoEpoch;
        return was_copy;
    });
}

// Whoever changes a record notes that before he takes its lock. So under the lock it is certain
// whether a copy is current: if not yet noted, he who changes it finds the copy afterwards.

void NearCache::keep(const CredentialRecord &credential, const Reading &reading,
                     Seconds now) noexcept {
    if (!is_current(reading)) {
        return;
    }
    Zone &zone = memory_.zone();
    CredentialRecord absent = credential;
    absent.header.expires = 0;  // found by nobody
    zone.count(zone.credentials().change_or_store(absent, now, [&](CredentialRecord &record) {
        if (is_current(reading)) {
            record = credential;
            record.header.epoch = reading.epoch;
        }
    }));
}

GrantRecord NearCache::keep(const GrantRecord &grant, const Reading &reading,
                            Seconds now) noexcept {
    Zone &zone = memory_.zone();
    if (!is_current(reading)) {
        const auto known = zone.grants().find<GrantRecord>(reading.key, now);
        return known ? merge(*known, grant) : grant;
    }
    GrantRecord merged = grant;
    zone.count(zone.grants().change_or_store(grant, now, [&](GrantRecord &record) {
        record = merge(record, grant);
        record.header.epoch = is_current(reading) ? reading.epoch : Trust::kNoEpoch;
        merged = record;
    }));
    return merged;
}

// Binds what the session's records lack.
NearCache::Merged NearCache::add_missing(const Digest &session, std::span<const GrantRecord> grants,
                                         Seconds lifetime, Seconds now) noexcept {
    SessionMemory known;
    memory_.recall_session(session, now, known);
    if (known.state != SessionMemory::State::known) {
        make_room_for(session, now);
        known.count = 0;
    }
    std::size_t count = known.count;
    for (const GrantRecord &grant : grants) {
        const bool is_there = std::ranges::any_of(known.grants(), [&](const GrantRecord &other) {
            return other.header.key == grant.header.key;
        });
        if (!is_there) {
            memory_.bind_session(session, grant.header.key, grant.header.owner, lifetime, now,
                                 Memory::Source::store);
            ++count;
        }
    }
    // What is alike needs no place of its own, neither here nor there.
    const bool is_more = std::ranges::any_of(known.grants(), [&](const GrantRecord &other) {
        return std::ranges::none_of(grants, [&](const GrantRecord &grant) {
            return grant.header.key == other.header.key || Memory::are_alike(grant, other);
        });
    });
    const bool is_said = !is_more && count <= SessionMemory::kMaxGrants;
    return {is_said ? static_cast<unsigned>(count) : 0U, is_more};
}

// What a session received is added also when the answer is no longer current: the more of it is
// known, the stricter it is, and who replaces its cookie takes over what is here.
bool NearCache::keep_session(const Digest &session, std::span<const GrantRecord> grants,
                             Seconds expires, const Reading &reading, Seconds now) noexcept {
    if (expires <= now) {
        return false;
    }
    Zone &zone = memory_.zone();
    const auto [count, is_more] = add_missing(session, grants, expires - now, now);
    zone.credentials().update<CredentialRecord>(
        session, now, [&, count = count](CredentialRecord &record) {
            const bool is_whole = count != 0 && record.header.count == count;
            record.header.epoch = is_whole && is_current(reading) ? reading.epoch : Trust::kNoEpoch;
            return true;
        });
    return is_more;
}

// What is left of a session that is lost gives way to what the store knows. That it was logged out
// here does not: the store may not have heard of it.
void NearCache::make_room_for(const Digest &session, Seconds now) noexcept {
    bool is_logged_out = false;
    memory_.zone().credentials().update<CredentialRecord>(
        session, now, [&](CredentialRecord &record) {
            is_logged_out = record.is_logged_out();
            record.header.expires = now;
            return !is_logged_out;
        });
    if (!is_logged_out) {
        forget_places(session, SessionMemory::kMaxGrants);
    }
}

void NearCache::forget_places(const Digest &session, unsigned count) noexcept {
    for (unsigned index = 0; index < count; ++index) {
        memory_.zone().credentials().remove(part_of(session, index));
    }
}

// Only this machine's copy: who forgot it says so of its grants, too.
void NearCache::forget_session(const Digest &session) noexcept {
    forget_places(session, SessionMemory::kSearchedPlaces);
    memory_.zone().credentials().remove(session);
}

void NearCache::apply(const StoreEvent &event, Seconds now) noexcept {
    using Kind = StoreEvent::Kind;
    Zone &zone = memory_.zone();
    zone.trust().note_change_of(event.key);
    switch (event.kind) {
        case Kind::grant_changed:
            distrust_copy<GrantRecord>(zone.grants(), event.key, now);
            break;
        case Kind::grant_forgotten:
            memory_.forget_grant(event.key, now);
            break;
        case Kind::credential_forgotten:
            zone.credentials().remove(event.key);
            break;
        case Kind::session_changed:
            distrust_copy<CredentialRecord>(zone.credentials(), event.key, now);
            break;
        case Kind::session_forgotten:
            forget_session(event.key);
            break;
    }
}

}  // namespace ipfence
