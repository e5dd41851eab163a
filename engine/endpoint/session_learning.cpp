#include "engine/endpoint/session_learning.hpp"

#include <algorithm>

#include "engine/endpoint/learned_grant.hpp"
#include "engine/endpoint/session_access.hpp"

namespace ipfence {

namespace {

// Binds all that is found of what one session was given to another, which is lost where that one
// is.
Learned hand_over_session(Memory &memory, const Digest &from, const BrowserSession &to,
                          Seconds now) {
    Learned learned = Learned::learned;
    const auto bind = [&](const Digest &grant, std::uint32_t owner) {
        learned =
            worse(learned, learned_of(memory.bind_session(to.key, grant, owner, to.lifetime, now)));
    };
    SessionMemory before;
    memory.recall_session(from, now, before);
    if (before.state == SessionMemory::State::lost ||
        (before.state == SessionMemory::State::unknown && memory.has_remains(from, now))) {
        bind(from, RecordHeader::kNobody);  // no grant has the key of a session
    }
    for (const GrantRecord &grant : before.found_grants()) {
        bind(grant.header.key, grant.header.owner);
    }
    return learned;
}

// For somewhat longer than its cookie lives, so that not each page that sets it again makes a
// change of it.
Learned renew_session(Memory &memory, const BrowserSession &session, Seconds now) {
    constexpr Seconds kShare = 8;
    const Seconds lifetime =
        std::min(session.lifetime, Memory::kMaxLifetime / (kShare + 1) * kShare);
    const Seconds end = memory.end_of_session(session.key, now);
    if (end == 0 || now + lifetime <= end) {
        return Learned::learned;
    }
    SessionMemory found;
    memory.recall_session(session.key, now, found);
    if (found.found_grants().empty()) {
        return Learned::learned;  // nothing is known that could be forgotten
    }
    const GrantRecord &last = found.found_grants().back();
    return learned_of(memory.bind_session(session.key, last.header.key, last.header.owner,
                                          lifetime + lifetime / kShare, now,
                                          Memory::Source::renewal));
}

Learned go_on_with_session(Memory &memory, const Digest &from, const BrowserSession &to,
                           Seconds now) {
    return from == to.key ? renew_session(memory, to, now)
                          : hand_over_session(memory, from, to, now);
}

}  // namespace

Learned learn_possible_login(Memory &memory, const BrowserLogin &login,
                             const BrowserSession &session, Seconds now) {
    SessionMemory before;
    memory.recall_session(session.key, now, before);
    const GrantRecord *const last = login_of_session(before.grants());
    if (last == nullptr) {
        return Learned::learned;  // nobody's already
    }
    // One for each login that it may have come after: asking again and again adds nothing.
    const auto key = memory.digest(Role::grant, "after", bytes_of(last->header.key));
    if (!key) {
        return Learned::refused;
    }
    const std::uint32_t owner = last->header.owner;
    const Learned learned = remember_shared_grant(memory,
                                                  {.key = *key,
                                                   .origin = {.flow = Flow::unknown},
                                                   .login = login,
                                                   .owner = owner,
                                                   .lifetime = session.lifetime},
                                                  now);
    // Also where it was not remembered: such a session is lost.
    return worse(learned,
                 learned_of(memory.bind_session(session.key, *key, owner, session.lifetime, now)));
}

Learned learn_replaced_session(Memory &memory, const BrowserSession &session, Seconds now) {
    if (!session.replaces) {
        return Learned::learned;
    }
    const Learned learned = go_on_with_session(memory, *session.replaces, session, now);
    // Also whose it was, where it has been forgotten, and may have gone on.
    const auto ended = ended_session(memory, *session.replaces);
    const auto new_ended =
        session.replaces == session.key ? ended : ended_session(memory, session.key);
    if (!ended || !new_ended) {
        return worse(learned, Learned::refused);
    }
    return worse(
        learned,
        go_on_with_session(memory, *ended, {.key = *new_ended, .lifetime = session.lifetime}, now));
}

std::optional<Digest> ended_session(const Memory &memory, const Digest &session) noexcept {
    // No cookie has such a name.
    return memory.digest(Role::session, "=ended", bytes_of(session));
}

Learned learn_ended_session(Memory &memory, const Digest &session, std::string_view user,
                            Seconds now) {
    const auto ended = ended_session(memory, session);
    const auto grant = memory.digest(Role::grant, "ended", user);
    if (!ended || !grant) {
        return Learned::refused;
    }
    const std::uint32_t owner = memory.owner_of(user, {});
    const Learned learned = remember_shared_grant(memory,
                                                  {.key = *grant,
                                                   .origin = {.user = user},
                                                   .login = {},
                                                   .owner = owner,
                                                   .lifetime = Lifetimes::kSession},
                                                  now);
    return failed(learned) ? learned
                           : worse(learned, learned_of(memory.bind_session(
                                                *ended, *grant, owner, Lifetimes::kSession, now)));
}

}  // namespace ipfence
