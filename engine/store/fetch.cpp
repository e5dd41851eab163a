#include "engine/store/fetch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/store/store_commands.hpp"

namespace ipfence {

CredentialFetch::CredentialFetch(const StoreFormat &format, NearCache &cache, const Digest &key,
                                 const Instant &now)
    : format_(format), cache_(cache), key_(key), now_(now) {
    if (const auto copy = cache.trusted_credential(key, now.monotonic)) {
        begin_with(copy);
        return;
    }
    credential_reading_ = cache.begin_reading(key);
    // A credential never moves to another grant: the grant of an old copy can be asked for at once.
    const auto old = cache.memory().zone().credentials().find<CredentialRecord>(key, now.monotonic);
    if (old && !cache.trusted_grant(old->grant, now.monotonic)) {
        grant_reading_ = cache.begin_reading(old->grant);
    }
}

// From here on only the grant is missing, if that.
void CredentialFetch::begin_with(const std::optional<CredentialRecord> &copy) {
    credential_ = copy;
    credential_reading_.reset();
    if (const auto grant = cache_.trusted_grant(credential_->grant, now_.monotonic)) {
        grant_reading_.reset();
        conclude(*grant);
    } else if (!grant_reading_ || grant_reading_->key != credential_->grant) {
        grant_reading_ = cache_.begin_reading(credential_->grant);
    }
}

std::vector<Command> CredentialFetch::next_round() {
    std::vector<Command> commands;
    if (outcome_ != Fetched::pending) {
        return commands;
    }
    if (credential_reading_) {
        commands.push_back(get_command(format_.names().credential(key_)));
    }
    if (grant_reading_) {
        commands.push_back(get_command(format_.names().grant(grant_reading_->key)));
    }
    return commands;
}

bool CredentialFetch::take(std::span<const Reply> replies) {
    if (replies.size() != (credential_reading_ ? 1U : 0U) + (grant_reading_ ? 1U : 0U)) {
        return false;
    }
    const auto asked_grant = grant_reading_;
    if (credential_reading_ && !take_credential(replies.front())) {
        return false;
    }
    const bool is_answered = credential_ && asked_grant && asked_grant->key == credential_->grant;
    return outcome_ != Fetched::pending || !is_answered || take_grant(replies.back());
}

bool CredentialFetch::take_credential(const Reply &reply) {
    if (reply.is(Reply::Kind::nothing)) {
        outcome_ = Fetched::miss;
        return true;
    }
    if (!reply.is(Reply::Kind::text)) {
        return false;
    }
    const auto credential = format_.open_credential(key_, reply.text, now_);
    if (!credential) {
        outcome_ = Fetched::refused;
        return true;
    }
    cache_.keep(*credential, *credential_reading_, now_.monotonic);
    begin_with(credential);
    return true;
}

bool CredentialFetch::take_grant(const Reply &reply) {
    if (reply.is(Reply::Kind::nothing)) {
        outcome_ = Fetched::miss;
        return true;
    }
    if (!reply.is(Reply::Kind::text)) {
        return false;
    }
    const auto grant = format_.open_grant(grant_reading_->key, reply.text, now_);
    if (!grant) {
        outcome_ = Fetched::refused;
        return true;
    }
    conclude(cache_.keep(*grant, *grant_reading_, now_.monotonic));
    return true;
}

void CredentialFetch::conclude(const GrantRecord &grant) {
    if (grant.has(GrantRecord::kForgotten)) {
        outcome_ = Fetched::miss;
        return;
    }
    outcome_ = Fetched::hit;
    remembered_ = Remembered{*credential_, grant};
}

SessionFetch::SessionFetch(const StoreFormat &format, NearCache &cache, const Digest &session,
                           const Instant &now)
    : format_(format),
      cache_(cache),
      key_(session),
      now_(now),
      reading_(cache.begin_reading(session)) {}

std::vector<Command> SessionFetch::next_round() {
    std::vector<Command> commands;
    if (step_ == Step::session) {
        commands.push_back(get_session_command(format_.names().session(key_)));
    } else if (step_ == Step::grants) {
        for (const NearCache::Reading &reading : grant_readings_) {
            commands.push_back(get_command(format_.names().grant(reading.key)));
        }
    }
    return commands;
}

bool SessionFetch::take(std::span<const Reply> replies) {
    if (step_ == Step::session) {
        if (replies.size() != 1 || !replies.front().is(Reply::Kind::list) ||
            replies.front().items.size() % 2 != 0) {
            return false;
        }
        take_bindings(replies.front());
        return true;
    }
    if (step_ != Step::grants || replies.size() != grant_readings_.size()) {
        return false;
    }
    for (std::size_t index = 0; index < replies.size(); ++index) {
        if (!replies[index].is(Reply::Kind::text) && !replies[index].is(Reply::Kind::nothing)) {
            return false;
        }
        take_grant(grant_readings_[index], replies[index]);
    }
    conclude();
    return true;
}

void SessionFetch::take_bindings(const Reply &reply) {
    is_lost_ = reply.items.size() > 2 * kMaxFields;
    for (std::size_t at = 0; !is_lost_ && at < reply.items.size(); at += 2) {
        const Digest grant = digest_of_hex(reply.items[at].text);
        const auto binding = format_.open_binding(key_, grant, reply.items[at + 1].text, now_);
        if (!grant || !binding) {
            is_lost_ = true;
            break;
        }
        expires_ = std::max(expires_, binding->expires);
        order_.push_back(grant);
        if (const auto copy = cache_.trusted_grant(grant, now_.monotonic)) {
            grants_.push_back(*copy);
        } else {
            grant_readings_.push_back(cache_.begin_reading(grant));
        }
    }
    if (!is_lost_ && expires_ <= now_.monotonic) {
        step_ = Step::over;  // none, or all that it received has expired
        outcome_ = Fetched::miss;
    } else if (is_lost_ || grant_readings_.empty()) {
        conclude();
    } else {
        step_ = Step::grants;
    }
}

void SessionFetch::take_grant(const NearCache::Reading &reading, const Reply &reply) {
    const auto grant = format_.open_grant(reading.key, reply.text, now_);
    if (grant) {
        grants_.push_back(cache_.keep(*grant, reading, now_.monotonic));
    }
    is_lost_ = is_lost_ || !grant;
}

void SessionFetch::conclude() {
    step_ = Step::over;
    outcome_ = Fetched::hit;
    session_.state = SessionMemory::State::lost;
    const auto is_contradictory = [](const GrantRecord &grant) {
        return grant.has(GrantRecord::kContradictory);
    };
    // Those that were at hand came first; who was the last to sign in is the last one.
    std::ranges::sort(grants_, {}, [this](const GrantRecord &grant) {
        return std::ranges::find(order_, grant.header.key) - order_.begin();
    });
    if (is_lost_ || std::ranges::any_of(grants_, is_contradictory)) {
        std::erase_if(grants_, is_contradictory);
        session_.left = std::min(grants_.size(), SessionMemory::kMaxGrants);
        std::ranges::copy_n(grants_.begin(), static_cast<std::ptrdiff_t>(session_.left),
                            session_.records.begin());
        return;
    }
    for (std::size_t index = 0; index < grants_.size(); ++index) {
        const GrantRecord &grant = grants_[index];
        const auto is_alike = [&](const GrantRecord &other) {
            return Memory::are_alike(grant, other);
        };
        // Only where there is no room for all: what is alike now may differ later.
        if (grants_.size() > SessionMemory::kMaxGrants &&
            !Memory::says_who_was_last(grants_, index) &&
            std::ranges::any_of(session_.grants(), is_alike)) {
            continue;
        }
        if (session_.count == SessionMemory::kMaxGrants) {
            session_.left = std::exchange(session_.count, 0);
            return;
        }
        session_.records[session_.count++] = grant;
    }
    session_.state = SessionMemory::State::known;
    if (cache_.keep_session(key_, session_.grants(), expires_, reading_, now_.monotonic)) {
        add_what_is_known_here();
    }
}

// Of a login that the store could not be told of, or that it lost.
void SessionFetch::add_what_is_known_here() {
    SessionMemory known;
    cache_.memory().recall_session(key_, now_.monotonic, known);
    if (known.state != SessionMemory::State::unknown) {
        session_ = known;
    }
}

}  // namespace ipfence
