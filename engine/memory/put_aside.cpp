// The part of Memory that knows sessions with many logins. Those that are alike restrict a session
// no further than one of them does: the others are put aside, where logout finds them.

#include <algorithm>
#include <span>
#include <utility>

#include "engine/memory/memory.hpp"

namespace ipfence {

namespace {

// Whether the session keeps another grant that restricts it alike, and that one comes first: the
// one with the smallest key stays, so that two machines that decide this at once never leave none.
bool is_spare(const SessionMemory &memory, unsigned index) noexcept {
    const GrantRecord &grant = memory.records[index];
    if (Memory::says_who_was_last(memory.grants(), index)) {
        return false;
    }
    for (unsigned other = 0; other < memory.count; ++other) {
        const auto &keys = memory.records[other].header.key.words;
        const bool is_first =
            keys < grant.header.key.words || (keys == grant.header.key.words && other < index);
        if (is_first && Memory::are_alike(grant, memory.records[other])) {
            return true;
        }
    }
    return false;
}

// Whether the session has the grant in a place before this one, too: two that bound it at once.
bool has_earlier_place(const SessionMemory &memory, unsigned index) noexcept {
    const Digest &key = memory.records[index].header.key;
    return std::ranges::any_of(memory.grants().first(index), [&key](const GrantRecord &other) {
        return other.header.key == key;
    });
}

// Whether the session keeps a grant that is as this one, which then counts as refreshed where
// either is: in a session that only restricts.
bool join_alike(SessionMemory &memory, const GrantRecord &grant) noexcept {
    bool has_joined = false;
    for (GrantRecord &record : std::span(memory.records).first(memory.count)) {
        if (Memory::are_alike_but_for_refresh(record, grant)) {
            has_joined = true;
            record.set(GrantRecord::kRefreshed,
                       record.has(GrantRecord::kRefreshed) || grant.has(GrantRecord::kRefreshed));
        }
    }
    return has_joined;
}

// One past the last place of the session that may hold a grant that was put aside.
unsigned end_of_aside(const CredentialRecord &head) noexcept {
    return static_cast<unsigned>(
        std::min<std::uint64_t>(head.end_of_aside, SessionMemory::kMaxPlaces));
}

}  // namespace

bool Memory::says_who_was_last(std::span<const GrantRecord> grants, std::size_t index) noexcept {
    const auto is_known = [](const GrantRecord &grant) { return !grant.user().empty(); };
    const auto is_undecided = [&](const GrantRecord &grant) {
        return !is_known(grant) && !grant.undecided_users().empty();
    };
    const GrantRecord &grant = grants[index];
    const auto later = grants.subspan(index + 1);
    return (is_known(grant) && std::ranges::none_of(later, is_known)) ||
           (is_undecided(grant) && std::ranges::none_of(later, is_undecided));
}

// Where a grant goes that needs no place of its own, for logout to find it: the first place from
// `index` on that is free, or whose grant is no more. Where there is none, logout will not.
unsigned Memory::put_aside(const CredentialRecord &head, const GrantRecord &grant, unsigned index,
                           Seconds now) noexcept {
    const Digest &session = head.header.key;
    if (changes_ != nullptr) {
        changes_->add_unbound({session, grant.header.key, 0, 0});
    }
    for (; index < SessionMemory::kMaxPlaces; ++index) {
        GrantRecord taken;
        // What the session is lost without leaves its place to nobody, also when it had to go.
        if (head.is_lost_without(index) || find_put_aside(session, index, now, taken)) {
            continue;
        }
        // First, so that a writer that dies in between leaves no grant where nobody looks for it.
        zone_.credentials().update<CredentialRecord>(session, now, [&](CredentialRecord &record) {
            record.end_of_aside = std::max<std::uint64_t>(record.end_of_aside, index + 1);
            return true;
        });
        fill_place(session, index, grant.header.key, grant.header.owner, grant.header.expires, now);
        return index + 1;
    }
    return index;
}

// Lets a place of the session lead to another of its grants.
void Memory::give_place(const Digest &session, unsigned index, const Digest &grant,
                        Seconds now) noexcept {
    zone_.credentials().update<CredentialRecord>(part_of(session, index), now,
                                                 [&grant](CredentialRecord &record) {
                                                     record.grant = grant;
                                                     return true;
                                                 });
}

// Leaves nothing in a place that the session takes no longer, unless somebody has filled it
// meanwhile: whoever takes it again, and dies before it is filled, leaves a session that is lost.
void Memory::empty_place(const Digest &session, unsigned index, const Digest &grant,
                         Seconds now) noexcept {
    zone_.credentials().update<CredentialRecord>(part_of(session, index), now,
                                                 [&](CredentialRecord &record) {
                                                     const bool is_left = record.grant == grant;
                                                     record.header.expires = now;
                                                     return is_left;
                                                 });
}

// Gives back the places of grants that restrict the session no further than others do.
void Memory::compact_session(const Digest &session, Seconds now) noexcept {
    SessionMemory memory;
    const auto head = zone_.credentials().find<CredentialRecord>(session, now);
    if (head) {
        recall_places(session, *head, now, memory);
    }
    if (memory.state != SessionMemory::State::known) {
        return;
    }
    std::uint8_t kept = 0;
    unsigned aside = SessionMemory::kMaxGrants;
    for (unsigned index = 0; index < memory.count; ++index) {
        const GrantRecord &grant = memory.records[index];
        if (!is_spare(memory, index)) {
            give_place(session, kept++, grant.header.key, now);
        } else if (!has_earlier_place(memory, index)) {  // which was kept or put aside
            aside = put_aside(*head, grant, aside, now);
        }
    }
    const bool is_compacted =
        zone_.credentials().update<CredentialRecord>(session, now, [&](CredentialRecord &record) {
            // Of one whose record had to go meanwhile, nothing is given back.
            const bool is_full = record.header.count == SessionMemory::kMaxGrants;
            record.header.count = kept;
            return is_full;
        });
    for (unsigned index = kept; is_compacted && index < memory.count; ++index) {
        empty_place(session, index, memory.records[index].header.key, now);
    }
}

// What was put aside may be alike no longer: its token was refreshed, or its user became known. It
// goes in front of the others, since it says nothing of who was the last to sign in.
void Memory::add_put_aside(const CredentialRecord &head, Seconds now,
                           SessionMemory &memory) const noexcept {
    for (unsigned index = SessionMemory::kMaxGrants; index < end_of_aside(head); ++index) {
        GrantRecord grant;
        const bool is_there = find_put_aside(head.header.key, index, now, grant);
        const bool is_alike = is_there && join_alike(memory, grant);
        if (is_alike || (!is_there && !head.is_lost_without(index))) {
            continue;
        }
        // What contradicts itself, or had to go, may be what forbids, like what finds no place.
        if (!is_there || memory.count == SessionMemory::kMaxGrants ||
            grant.has(GrantRecord::kContradictory)) {
            memory.state = SessionMemory::State::lost;
            memory.left = std::exchange(memory.count, 0);
            return;
        }
        memory.has_new_aside = memory.has_new_aside || !head.is_lost_without(index);
        const auto known = std::span(memory.records).first(memory.count);
        std::ranges::copy_backward(known, memory.records.begin() + memory.count + 1);
        memory.records.front() = grant;
        ++memory.count;
    }
}

bool Memory::find_put_aside(const Digest &session, unsigned index, Seconds now,
                            GrantRecord &grant) const noexcept {
    const auto place = session_grant(session, index, now);
    return place && zone_.grants().find(place->grant, now, grant);
}

// What was put aside and is alike no longer lives as long as the session, like all that decides,
// and the session is lost without it.
void Memory::keep_put_aside(const CredentialRecord &head, Seconds expires, Seconds now) noexcept {
    const Digest &session = head.header.key;
    SessionMemory memory;
    recall_places(session, head, now, memory);
    for (unsigned index = SessionMemory::kMaxGrants; index < end_of_aside(head); ++index) {
        GrantRecord grant;
        if (!find_put_aside(session, index, now, grant) || join_alike(memory, grant)) {
            continue;
        }
        extend_place(session, index, expires, now);
        if (head.is_lost_without(index)) {
            continue;
        }
        zone_.credentials().update<CredentialRecord>(session, now,
                                                     [index](CredentialRecord &record) {
                                                         record.lose_without(index);
                                                         return true;
                                                     });
    }
}

}  // namespace ipfence
