#include "engine/store/record_write.hpp"

#include <algorithm>
#include <utility>

#include "engine/store/store_commands.hpp"

namespace ipfence {

namespace {

Seconds left_of(Seconds expires, const Instant &now) noexcept {
    return expires > now.monotonic ? expires - now.monotonic : 0;
}

const Reply &next_of(std::span<const Reply> &replies) noexcept {
    const Reply &first = replies.front();
    replies = replies.subspan(1);
    return first;
}

}  // namespace

RecordWrite::RecordWrite(const StoreFormat &format, NearCache &cache, Changes changes)
    : format_(format), cache_(cache), changes_(std::move(changes)) {
    collect_sessions();
}

void RecordWrite::collect_sessions() {
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

// In the order in which `take` reads the replies.
bool RecordWrite::add_commands(std::vector<Command> &commands, const Instant &now) {
    if (!add_credentials(commands, now) || !add_bindings(commands, now)) {
        return false;
    }
    add_forgotten(commands);
    const StoreNames &names = format_.names();
    for (const Digest &session : changes_.forgotten_sessions()) {
        commands.push_back(get_session_command(names.session(session)));
    }
    for (const Digest &credential : changes_.revoked_credentials()) {
        commands.push_back(get_command(names.credential(credential)));
    }
    return true;
}

bool RecordWrite::add_credentials(std::vector<Command> &commands, const Instant &now) {
    for (const CredentialRecord &record : changes_.credentials()) {
        const auto value = format_.seal(record, now);
        if (!value) {
            return false;
        }
        credential_readings_.push_back(cache_.begin_reading(record.header.key));
        commands.push_back(set_command(format_.names().credential(record.header.key), *value,
                                       left_of(record.header.expires, now),
                                       record.header.standing == Standing::derived));
    }
    return true;
}

bool RecordWrite::add_bindings(std::vector<Command> &commands, const Instant &now) const {
    for (const SessionWrite &session : sessions_) {
        for (const Changes::Binding &binding : session.bindings) {
            const auto value = format_.seal(binding, now);
            if (!value) {
                return false;
            }
            commands.push_back(bind_command(format_.names().session(session.session),
                                            hex_of(binding.grant), *value,
                                            left_of(binding.expires, now)));
        }
    }
    return true;
}

void RecordWrite::add_forgotten(std::vector<Command> &commands) const {
    const StoreNames &names = format_.names();
    for (const Changes::Binding &binding : changes_.unbound()) {
        commands.push_back(unbind_command(names.session(binding.session), hex_of(binding.grant)));
    }
    for (const auto credentials : {changes_.redeemed_codes(), changes_.forgotten_credentials()}) {
        for (const Digest &credential : credentials) {
            commands.push_back(delete_command(names.credential(credential)));
        }
    }
}

bool RecordWrite::take(std::span<const Reply> &replies, const Instant &now, LedTo &led) {
    if (replies.size() < reply_count() || !take_credentials(replies) || !take_bindings(replies)) {
        return false;
    }
    for (std::size_t count = forgotten_count(); count > 0; --count) {
        if (!next_of(replies).is(Reply::Kind::integer)) {
            return false;
        }
    }
    return std::ranges::all_of(changes_.forgotten_sessions(),
                               [&](const Digest &session) {
                                   return take_forgotten_session(session, next_of(replies), now,
                                                                 led.logged_out);
                               }) &&
           std::ranges::all_of(changes_.revoked_credentials(), [&](const Digest &credential) {
               return take_revoked_credential(credential, next_of(replies), now, led.revoked);
           });
}

// Those that `add_forgotten` has a command for.
std::size_t RecordWrite::forgotten_count() const noexcept {
    return changes_.unbound().size() + changes_.redeemed_codes().size() +
           changes_.forgotten_credentials().size();
}

std::size_t RecordWrite::reply_count() const noexcept {
    return changes_.credentials().size() + changes_.bound().size() + forgotten_count() +
           changes_.forgotten_sessions().size() + changes_.revoked_credentials().size();
}

// What others know of a token already is as good as what this machine found out.
bool RecordWrite::take_credentials(std::span<const Reply> &replies) {
    for (const CredentialRecord &record : changes_.credentials()) {
        const Reply &reply = next_of(replies);
        const bool is_ours = reply.is_status("OK");
        const bool is_known =
            record.header.standing == Standing::derived && reply.is(Reply::Kind::nothing);
        if (!is_ours && !is_known) {
            return false;
        }
        is_credential_ours_.push_back(is_ours);
    }
    return true;
}

bool RecordWrite::take_bindings(std::span<const Reply> &replies) {
    for (SessionWrite &session : sessions_) {
        for (std::size_t index = 0; index < session.bindings.size(); ++index) {
            const Reply &reply = next_of(replies);
            if (!reply.is(Reply::Kind::integer)) {
                return false;
            }
            session.is_new = index == 0 ? reply.integer == 0 : session.is_new;
        }
    }
    return true;
}

bool RecordWrite::take_forgotten_session(const Digest &session, const Reply &reply,
                                         const Instant &now, std::vector<Digest> &led) const {
    if (!reply.is(Reply::Kind::list) || reply.items.size() % 2 != 0) {
        return false;
    }
    for (std::size_t at = 0; at < reply.items.size(); at += 2) {
        const Digest grant = digest_of_hex(reply.items[at].text);
        if (grant && format_.open_binding(session, grant, reply.items[at + 1].text, now)) {
            led.push_back(grant);
        }
    }
    return true;
}

// One that the store does not know, or that nobody can read, leads nobody to a grant.
bool RecordWrite::take_revoked_credential(const Digest &credential, const Reply &reply,
                                          const Instant &now, std::vector<Digest> &led) const {
    if (reply.is(Reply::Kind::text)) {
        if (const auto record = format_.open_credential(credential, reply.text, now)) {
            led.push_back(record->grant);
        }
        return true;
    }
    return reply.is(Reply::Kind::nothing);
}

void RecordWrite::add_deletions(std::vector<Command> &commands) const {
    for (const Digest &session : changes_.forgotten_sessions()) {
        commands.push_back(delete_command(format_.names().session(session)));
    }
    for (const Digest &credential : changes_.revoked_credentials()) {
        commands.push_back(delete_command(format_.names().credential(credential)));
    }
}

void RecordWrite::add_events(std::vector<std::string> &events) const {
    using Kind = StoreEvent::Kind;
    const EventFormat &format = format_.events();
    for (const auto credentials :
         {changes_.forgotten_credentials(), changes_.revoked_credentials()}) {
        for (const Digest &key : credentials) {
            events.push_back(format.write({Kind::credential_forgotten, key}));
        }
    }
    for (const Digest &key : changes_.forgotten_sessions()) {
        events.push_back(format.write({Kind::session_forgotten, key}));
    }
    for (const SessionWrite &session : sessions_) {
        if (!session.is_new) {
            events.push_back(format.write({Kind::session_changed, session.session}));
        }
    }
}

void RecordWrite::keep(Seconds now) noexcept {
    for (std::size_t index = 0; index < changes_.credentials().size(); ++index) {
        if (is_credential_ours_[index]) {
            cache_.keep(changes_.credentials()[index], credential_readings_[index], now);
        }
    }
    for (const SessionWrite &session : sessions_) {
        if (!session.is_new) {
            cache_.apply({StoreEvent::Kind::session_changed, session.session}, now);
        }
    }
}

}  // namespace ipfence
