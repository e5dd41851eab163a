// The part of Memory that knows browser sessions: a record for the session, and one for each grant
// that it received, so that every record has the same size and none is ever moved.

#include <algorithm>

#include "engine/memory/memory.hpp"

namespace ipfence {

namespace {

// The place that a session's record gives to one more grant; empty where the grant has one, or
// there is none left, which is noted.
std::optional<unsigned> take_place(CredentialRecord &session, bool has_it) noexcept {
    if (has_it && session.header.count != 0) {
        return std::nullopt;
    }
    if (session.header.count < SessionMemory::kMaxGrants) {
        return session.header.count++;
    }
    session.header.flags |= CredentialRecord::kOverflowed;
    return std::nullopt;
}

}  // namespace

CredentialRecord Memory::session_record(const Digest &key, CredentialKind kind, std::uint32_t owner,
                                        Seconds expires) noexcept {
    CredentialRecord record;
    record.header.key = key;
    record.header.expires = expires;
    record.header.owner = owner;
    record.header.kind = static_cast<std::uint8_t>(kind);
    return record;
}

bool Memory::are_alike(const GrantRecord &one, const GrantRecord &other) noexcept {
    return one.has(GrantRecord::kRefreshed) == other.has(GrantRecord::kRefreshed) &&
           are_alike_but_for_refresh(one, other);
}

bool Memory::are_alike_but_for_refresh(const GrantRecord &one, const GrantRecord &other) noexcept {
    constexpr int kDeciding = GrantRecord::kDeviceActivated | GrantRecord::kDeviceTagged |
                              GrantRecord::kProfileClaimed | GrantRecord::kContradictory;
    return one.flow() == other.flow() &&
           ((one.header.flags ^ other.header.flags) & kDeciding) == 0 &&
           one.device_tag == other.device_tag && one.app() == other.app() &&
           one.user() == other.user() && one.profile() == other.profile();
}

std::optional<CredentialRecord> Memory::session_grant(const Digest &session, unsigned index,
                                                      Seconds now) const noexcept {
    return zone_.credentials().find<CredentialRecord>(part_of(session, index), now);
}

// How many of its first `count` places a session takes by what is found in them, whatever its own
// record says.
unsigned Memory::places_of(const Digest &session, unsigned count, Seconds now) const noexcept {
    while (count != 0 && !session_grant(session, count - 1, now)) {
        --count;
    }
    return count;
}

bool Memory::has_remains(const Digest &session, Seconds now) const noexcept {
    return places_of(session, SessionMemory::kSearchedPlaces, now) != 0;
}

// Whether the session keeps this grant already.
bool Memory::has_place(const CredentialRecord &session, const Digest &grant,
                       Seconds now) const noexcept {
    for (unsigned index = 0; index < session.header.count; ++index) {
        const auto place = session_grant(session.header.key, index, now);
        if (place && place->grant == grant) {
            return true;
        }
    }
    return false;
}

// Grants without a record of their session are of one that was torn or evicted. More of them may be
// gone, so it stays lost; those that are left keep their places, for logout to find them.
void Memory::take_up_remains(CredentialRecord &fresh, Seconds now) const noexcept {
    if (has_remains(fresh.header.key, now)) {
        fresh.header.count =
            static_cast<std::uint8_t>(places_of(fresh.header.key, SessionMemory::kMaxGrants, now));
        fresh.header.flags |= CredentialRecord::kOverflowed;
    }
}

Stored Memory::fill_place(const Digest &session, unsigned index, const Digest &grant,
                          std::uint32_t owner, Seconds expires, Seconds now) noexcept {
    auto place =
        session_record(part_of(session, index), CredentialKind::session_grant, owner, expires);
    place.grant = grant;
    return zone_.count(zone_.credentials().store(place, now));
}

// Lets the record of a session receive one more grant, and live as long as it may: the place for
// it, where it needs one. The place is counted before it is filled: a writer that dies in between
// leaves a session that is lost, and not one that lacks an app.
std::optional<unsigned> Memory::receive_grant(CredentialRecord &session, std::uint32_t owner,
                                              Seconds expires, bool has_it, Source source,
                                              Seconds now) const noexcept {
    session.header.expires = std::max(session.header.expires, expires);
    if (session.header.owner == RecordHeader::kNobody) {
        session.header.owner = owner;
    }
    if (session.is_logged_out()) {
        session.header.flags = 0;
    } else if (session.header.count == 0 && source == Source::login) {
        take_up_remains(session, now);
    }
    return take_place(session, has_it);
}

Stored Memory::bind_session(const Digest &session, const Digest &grant, std::uint32_t owner,
                            Seconds lifetime, Seconds now, Source source) noexcept {
    const SharedLockGuard alone(zone_.lock_of_session(session));
    const auto known = zone_.credentials().find<CredentialRecord>(session, now);
    const bool has_it = known && has_place(*known, grant, now);
    if (!has_it && source == Source::renewal) {
        return Stored::stored;  // logged out since it was read
    }
    if (known && !has_it && known->header.count == SessionMemory::kMaxGrants) {
        compact_session(session, now);
    }

    if (changes_ != nullptr) {
        // Whoever reads the session from a store now may read it without this grant.
        zone_.trust().note_change_of(session);
    }

    std::optional<unsigned> index;
    std::uint32_t place_owner = owner;
    CredentialRecord head;
    Seconds expires = end_of(lifetime, now);
    bool stays_logged_out = false;
    const auto fresh = session_record(session, CredentialKind::session, owner, expires);
    const Stored stored =
        zone_.count(zone_.credentials().change_or_store(fresh, now, [&](CredentialRecord &record) {
            stays_logged_out = source == Source::store && record.is_logged_out();
            if (stays_logged_out) {
                return;
            }
            index = receive_grant(record, owner, expires, has_it, source, now);
            expires = record.header.expires;
            place_owner = owner == RecordHeader::kNobody ? record.header.owner : owner;
            head = record;
        }));
    if (changes_ != nullptr) {
        changes_->add_bound({session, grant, expires, owner});
    }
    if (stored == Stored::refused || stays_logged_out || (!index && !has_it)) {
        return stored;
    }
    const Stored placed =
        index ? fill_place(session, *index, grant, place_owner, expires, now) : Stored::stored;
    extend_session(head, expires, now);
    return std::max(stored, placed);
}

// A session keeps all that it received for as long as it lives itself.
void Memory::extend_session(const CredentialRecord &head, Seconds expires, Seconds now) noexcept {
    for (unsigned index = 0; index < head.header.count; ++index) {
        extend_place(head.header.key, index, expires, now);
    }
    if (head.end_of_aside != 0) {
        keep_put_aside(head, expires, now);
    }
}

void Memory::extend_place(const Digest &session, unsigned index, Seconds expires,
                          Seconds now) noexcept {
    Digest grant;
    zone_.credentials().update<CredentialRecord>(
        part_of(session, index), now, [&](CredentialRecord &record) {
            record.header.expires = std::max(record.header.expires, expires);
            grant = record.grant;
            return true;
        });
    change_grant(grant, expires - now, now, [](GrantRecord &) {});
}

void Memory::recall_session(const Digest &session, Seconds now,
                            SessionMemory &memory) const noexcept {
    memory.state = SessionMemory::State::unknown;
    memory.count = 0;
    memory.left = 0;
    memory.has_new_aside = false;
    const auto head = zone_.credentials().find<CredentialRecord>(session, now);
    if (!head || head->kind() != CredentialKind::session || head->is_logged_out()) {
        return;
    }
    recall_places(session, *head, now, memory);
    if (memory.state == SessionMemory::State::known) {
        add_put_aside(*head, now, memory);
    }
}

// From the last to the first: who makes room meanwhile, in another process, only ever gives a grant
// an earlier place than it had, so that none is passed by.
void Memory::recall_places(const Digest &session, const CredentialRecord &head, Seconds now,
                           SessionMemory &memory) const noexcept {
    memory.state = SessionMemory::State::lost;
    memory.owner = head.header.owner;
    const std::size_t count = std::min<std::size_t>(head.header.count, SessionMemory::kMaxGrants);
    std::size_t first = count;  // of those that are found
    for (std::size_t index = count; index-- > 0;) {
        const auto place = session_grant(session, static_cast<unsigned>(index), now);
        GrantRecord &grant = memory.records[first - 1];
        if (place && zone_.grants().find(place->grant, now, grant) &&
            !grant.has(GrantRecord::kContradictory)) {
            --first;
        }
    }
    memory.left = count - first;
    if (first != 0) {
        const auto found = std::span(memory.records).subspan(first, memory.left);
        std::ranges::copy(found, memory.records.begin());
    }
    if (memory.left == head.header.count &&
        (head.header.flags & CredentialRecord::kOverflowed) == 0) {
        memory.count = memory.left;
        memory.state = SessionMemory::State::known;
    }
}

std::uint32_t Memory::owner_of_session(const Digest &session, Seconds now) const noexcept {
    const auto head = zone_.credentials().find<CredentialRecord>(session, now);
    return head && head->kind() == CredentialKind::session ? head->header.owner
                                                           : RecordHeader::kNobody;
}

Seconds Memory::end_of_session(const Digest &session, Seconds now) const noexcept {
    const auto head = zone_.credentials().find<CredentialRecord>(session, now);
    return head && head->kind() == CredentialKind::session ? head->header.expires : 0;
}

void Memory::claim_session(const Digest &session, const SessionMemory &known,
                           Seconds now) noexcept {
    if (known.has_new_aside) {
        const SharedLockGuard alone(zone_.lock_of_session(session));
        if (const auto head = zone_.credentials().find<CredentialRecord>(session, now)) {
            keep_put_aside(*head, head->header.expires, now);
        }
    }
    const auto grants = known.grants();
    const auto named = std::ranges::find_if(
        grants, [](const GrantRecord &grant) { return !grant.user().empty(); });
    if (known.owner != RecordHeader::kNobody || named == grants.end()) {
        return;
    }
    const auto claim = [owner = named->header.owner](CredentialRecord &record) {
        record.header.owner = owner;
        return true;
    };
    for (unsigned index = 0; index < known.count; ++index) {
        zone_.credentials().update<CredentialRecord>(part_of(session, index), now, claim);
    }
    zone_.credentials().update<CredentialRecord>(session, now, claim);
}

void Memory::forget_session(const Digest &session, Seconds now) noexcept {
    const SharedLockGuard alone(zone_.lock_of_session(session));
    if (changes_ != nullptr) {
        changes_->forget_session(session);
    }
    const auto head = zone_.credentials().find<CredentialRecord>(session, now);
    bool is_known = head && head->kind() == CredentialKind::session;
    for (unsigned index = 0;
         index < SessionMemory::kMaxPlaces && (is_known || index < SessionMemory::kSearchedPlaces);
         ++index) {
        if (const auto place = session_grant(session, index, now)) {
            is_known = true;
            const auto grant = zone_.grants().find<GrantRecord>(place->grant, now);
            if (!grant || !grant->outlives_logout()) {
                forget_grant(place->grant, now);
            }
            forget_quietly(part_of(session, index));
        }
    }
    if (changes_ == nullptr) {
        forget_quietly(session);
        return;
    }
    // Until the store has forgotten it, too, nobody here may ask for it: the event that says so
    // ends the mark.
    zone_.trust().note_change_of(session);
    zone_.credentials().update<CredentialRecord>(session, now, [](CredentialRecord &record) {
        record.header.flags = CredentialRecord::kLoggedOut;
        record.header.count = 0;
        record.grant = {};
        record.end_of_aside = 0;
        return true;
    });
}

}  // namespace ipfence
