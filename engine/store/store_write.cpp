#include "engine/store/store_write.hpp"

#include <algorithm>

#include "engine/store/store_commands.hpp"

namespace ipfence {

namespace {

Seconds left_of(Seconds expires, const Moment &now) noexcept {
    return expires > now.monotonic ? expires - now.monotonic : 0;
}

const Reply &next_of(std::span<const Reply> &replies) noexcept {
    const Reply &first = replies.front();
    replies = replies.subspan(1);
    return first;
}

}  // namespace

StoreWrite::StoreWrite(const StoreFormat &format, NearCache &cache, Changes changes,
                       const Moment &now)
    : format_(format), cache_(cache), changes_(std::move(changes)), now_(now) {
    if (!changes_.is_complete()) {
        fail();
        return;
    }
    if (changes_.empty()) {
        step_ = Step::over;
        outcome_ = Outcome::done;
        return;
    }
    collect_grants();
    collect_sessions();
}

void StoreWrite::collect_grants() {
    for (const Changes::ChangedGrant &changed : changes_.grants()) {
        GrantRecord grant = changed.record;
        if (!changed.is_only_longer) {
            grant.issued = static_cast<std::uint32_t>(now_.unix_time);
        }
        grants_.emplace_back(grant.header.key, grant);
    }
    for (const Digest &key : changes_.forgotten_grants()) {
        write_of(key).forget();
    }
}

void StoreWrite::collect_sessions() {
    for (const Changes::Binding &binding : changes_.bound()) {
        auto session = std::ranges::find(sessions_, binding.session, &SessionWrite::session);
        if (session == sessions_.end()) {
            sessions_.push_back(
                {binding.session, cache_.begin_reading(binding.session), {}, false});
            session = std::prev(sessions_.end());
        }
        session->bindings.push_back(binding);
    }
}

GrantWrite &StoreWrite::write_of(const Digest &grant) {
    const auto found = std::ranges::find(grants_, grant, &GrantWrite::key);
    if (found != grants_.end()) {
        return *found;
    }
    const auto known = cache_.memory().zone().grants().find<GrantRecord>(grant, now_.monotonic);
    return grants_.emplace_back(grant, known);
}

std::vector<Command> StoreWrite::next_round() {
    std::vector<Command> commands;
    if (outcome_ != Outcome::pending) {
        return commands;
    }
    switch (step_) {
        case Step::records:
            add_record_commands(commands);
            add_grant_commands(commands);
            break;
        case Step::grants:
            add_grant_commands(commands);
            break;
        case Step::deletions:
            add_deletions(commands);
            break;
        case Step::events:
            commands.push_back(
                announce_command(format_.names().generation(), format_.names().events(), events()));
            break;
        case Step::over:
            break;
    }
    return outcome_ == Outcome::pending ? commands : std::vector<Command>{};
}

// Everything but grants, in the order in which `take_records` reads the replies.
void StoreWrite::add_record_commands(std::vector<Command> &commands) {
    const StoreNames &names = format_.names();
    for (const CredentialRecord &record : changes_.credentials()) {
        const auto value = format_.seal(record, now_);
        if (!value) {
            return fail();
        }
        credential_readings_.push_back(cache_.begin_reading(record.header.key));
        commands.push_back(set_command(names.credential(record.header.key), *value,
                                       left_of(record.header.expires, now_),
                                       record.header.standing == Standing::derived));
    }
    for (const SessionWrite &session : sessions_) {
        for (const Changes::Binding &binding : session.bindings) {
            const auto value = format_.seal(binding, now_);
            if (!value) {
                return fail();
            }
            commands.push_back(bind_command(names.session(session.session), hex_of(binding.grant),
                                            *value, left_of(binding.expires, now_)));
        }
    }
    for (const Changes::Binding &binding : changes_.unbound()) {
        commands.push_back(unbind_command(names.session(binding.session), hex_of(binding.grant)));
    }
    for (const Digest &code : changes_.redeemed_codes()) {
        commands.push_back(delete_command(names.credential(code)));
    }
    for (const Digest &credential : changes_.forgotten_credentials()) {
        commands.push_back(delete_command(names.credential(credential)));
    }
    for (const Digest &session : changes_.forgotten_sessions()) {
        commands.push_back(get_session_command(names.session(session)));
    }
    for (const Digest &credential : changes_.revoked_credentials()) {
        commands.push_back(get_command(names.credential(credential)));
    }
}

void StoreWrite::add_grant_commands(std::vector<Command> &commands) {
    asked_grants_.clear();
    for (std::size_t index = 0; index < grants_.size(); ++index) {
        if (grants_[index].is_over()) {
            continue;
        }
        if (asked_grants_.size() == kMaxGrantsARound) {
            break;
        }
        auto command = grants_[index].next_command(format_, cache_, now_);
        if (!command) {
            return fail();
        }
        commands.push_back(std::move(*command));
        asked_grants_.push_back(index);
    }
}

bool StoreWrite::has_deletions() const noexcept {
    return !changes_.forgotten_sessions().empty() || !changes_.revoked_credentials().empty();
}

// Only once all their grants are forgotten: who is interrupted before can still find those.
void StoreWrite::add_deletions(std::vector<Command> &commands) const {
    for (const Digest &session : changes_.forgotten_sessions()) {
        commands.push_back(delete_command(format_.names().session(session)));
    }
    for (const Digest &credential : changes_.revoked_credentials()) {
        commands.push_back(delete_command(format_.names().credential(credential)));
    }
}

bool StoreWrite::take(std::span<const Reply> replies) {
    const auto is_integer = [](const Reply &reply) { return reply.is(Reply::Kind::integer); };
    bool is_good = false;
    switch (step_) {
        case Step::records:
            is_good = take_records(replies) && take_grants(replies);
            break;
        case Step::grants:
            is_good = take_grants(replies);
            break;
        case Step::deletions:
        case Step::events:
            is_good = !replies.empty() && std::ranges::all_of(replies, is_integer);
            break;
        case Step::over:
            break;
    }
    if (!is_good || outcome_ != Outcome::pending) {
        fail();
        return false;
    }
    advance();
    return true;
}

bool StoreWrite::take_records(std::span<const Reply> &replies) {
    std::size_t bindings = 0;
    for (const SessionWrite &session : sessions_) {
        bindings += session.bindings.size();
    }
    const std::size_t expected =
        changes_.credentials().size() + bindings + changes_.unbound().size() +
        changes_.redeemed_codes().size() + changes_.forgotten_credentials().size() +
        changes_.forgotten_sessions().size() + changes_.revoked_credentials().size();
    if (replies.size() < expected) {
        return false;
    }
    for (const CredentialRecord &record : changes_.credentials()) {
        const Reply &reply = next_of(replies);
        const bool is_ours = reply.is_status("OK");
        // What others know of a token already is as good as what this machine found out.
        if (!is_ours &&
            !(record.header.standing == Standing::derived && reply.is(Reply::Kind::nothing))) {
            return false;
        }
        is_credential_ours_.push_back(is_ours);
    }
    for (SessionWrite &session : sessions_) {
        for (std::size_t index = 0; index < session.bindings.size(); ++index) {
            const Reply &reply = next_of(replies);
            if (!reply.is(Reply::Kind::integer)) {
                return false;
            }
            session.is_new = index == 0 ? reply.integer == 0 : session.is_new;
        }
    }
    for (std::size_t count = changes_.unbound().size() + changes_.redeemed_codes().size() +
                             changes_.forgotten_credentials().size();
         count > 0; --count) {
        if (!next_of(replies).is(Reply::Kind::integer)) {
            return false;
        }
    }
    return std::ranges::all_of(changes_.forgotten_sessions(),
                               [&](const Digest &session) {
                                   return take_forgotten_session(session, next_of(replies));
                               }) &&
           std::ranges::all_of(changes_.revoked_credentials(), [&](const Digest &credential) {
               return take_revoked_credential(credential, next_of(replies));
           });
}

// The family of every grant that the session received is forgotten, also of those that this machine
// has not heard of.
bool StoreWrite::take_forgotten_session(const Digest &session, const Reply &reply) {
    if (!reply.is(Reply::Kind::list) || reply.items.size() % 2 != 0) {
        return false;
    }
    for (std::size_t at = 0; at < reply.items.size(); at += 2) {
        const Digest grant = digest_of_hex(reply.items[at].text);
        if (grant && format_.open_binding(session, grant, reply.items[at + 1].text, now_)) {
            write_of(grant).forget();
        }
    }
    return true;
}

// One that the store does not know, or that nobody can read, leads nobody to a grant.
bool StoreWrite::take_revoked_credential(const Digest &credential, const Reply &reply) {
    if (reply.is(Reply::Kind::text)) {
        if (const auto record = format_.open_credential(credential, reply.text, now_)) {
            write_of(record->grant).forget();
        }
        return true;
    }
    return reply.is(Reply::Kind::nothing);
}

bool StoreWrite::take_grants(std::span<const Reply> &replies) {
    if (replies.size() != asked_grants_.size()) {
        return false;
    }
    return std::ranges::all_of(asked_grants_, [&](std::size_t index) {
        return grants_[index].take(next_of(replies), format_, now_);
    });
}

void StoreWrite::advance() {
    const bool are_grants_over = std::ranges::all_of(grants_, &GrantWrite::is_over);
    switch (step_) {
        case Step::records:
        case Step::grants:
            if (!are_grants_over) {
                step_ = Step::grants;
                return;
            }
            step_ = Step::deletions;
            if (has_deletions()) {
                return;
            }
            [[fallthrough]];
        case Step::deletions:
            step_ = Step::events;
            if (!events().empty()) {
                return;
            }
            [[fallthrough]];
        case Step::events:
        case Step::over:
            finish();
    }
}

std::vector<std::string> StoreWrite::events() const {
    using Kind = StoreEvent::Kind;
    const EventFormat &format = format_.events();
    std::vector<std::string> events;
    for (const GrantWrite &grant : grants_) {
        if (const auto event = grant.event()) {
            events.push_back(format.write(*event));
        }
    }
    for (const Digest &key : changes_.forgotten_credentials()) {
        events.push_back(format.write({Kind::credential_forgotten, key}));
    }
    for (const Digest &key : changes_.revoked_credentials()) {
        events.push_back(format.write({Kind::credential_forgotten, key}));
    }
    for (const Digest &key : changes_.forgotten_sessions()) {
        events.push_back(format.write({Kind::session_forgotten, key}));
    }
    for (const SessionWrite &session : sessions_) {
        if (!session.is_new) {
            events.push_back(format.write({Kind::session_changed, session.session}));
        }
    }
    return events;
}

// All of it is in the store, and whoever must know has been told.
void StoreWrite::finish() {
    step_ = Step::over;
    outcome_ = Outcome::done;
    for (const GrantWrite &grant : grants_) {
        grant.keep(cache_, now_.monotonic);
    }
    for (std::size_t index = 0; index < changes_.credentials().size(); ++index) {
        if (is_credential_ours_[index]) {
            cache_.keep(changes_.credentials()[index], credential_readings_[index], now_.monotonic);
        }
    }
    for (const SessionWrite &session : sessions_) {
        if (!session.is_new) {
            cache_.apply({StoreEvent::Kind::session_changed, session.session}, now_.monotonic);
        }
    }
}

}  // namespace ipfence
