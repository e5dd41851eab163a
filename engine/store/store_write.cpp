#include "engine/store/store_write.hpp"

#include <algorithm>
#include <utility>

#include "engine/store/store_commands.hpp"

namespace ipfence {

StoreWrite::StoreWrite(const StoreFormat &format, NearCache &cache, Changes changes,
                       const Instant &now)
    : format_(format), cache_(cache), now_(now), records_(format, cache, std::move(changes)) {
    const Changes &all = records_.changes();
    if (!all.is_complete()) {
        fail();
        return;
    }
    if (all.empty()) {
        step_ = Step::over;
        outcome_ = Outcome::done;
        return;
    }
    collect_grants(all);
}

void StoreWrite::collect_grants(const Changes &changes) {
    for (const Changes::ChangedGrant &changed : changes.grants()) {
        GrantRecord grant = changed.record;
        if (!changed.is_only_longer) {
            grant.issued = static_cast<std::uint32_t>(now_.unix_time);
        }
        grants_.emplace_back(grant.header.key, grant);
    }
    for (const Digest &key : changes.forgotten_grants()) {
        write_of(key).forget();
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
            if (!records_.add_commands(commands, now_)) {
                fail();
                break;
            }
            add_grant_commands(commands);
            break;
        case Step::grants:
            add_grant_commands(commands);
            break;
        case Step::deletions:
            records_.add_deletions(commands);
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

// The family of every grant that the records led to is forgotten, unless it outlives a logout.
bool StoreWrite::take_records(std::span<const Reply> &replies) {
    LedTo led;
    if (!records_.take(replies, now_, led)) {
        return false;
    }
    for (const Digest &grant : led.logged_out) {
        write_of(grant).log_out();
    }
    for (const Digest &grant : led.revoked) {
        write_of(grant).forget();
    }
    return true;
}

bool StoreWrite::take_grants(std::span<const Reply> replies) {
    if (replies.size() != asked_grants_.size()) {
        return false;
    }
    for (std::size_t at = 0; at < replies.size(); ++at) {
        if (!grants_[asked_grants_[at]].take(replies[at], format_, now_)) {
            return false;
        }
    }
    return true;
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
            if (records_.has_deletions()) {
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
    std::vector<std::string> events;
    for (const GrantWrite &grant : grants_) {
        if (const auto event = grant.event()) {
            events.push_back(format_.events().write(*event));
        }
    }
    records_.add_events(events);
    return events;
}

// All of it is in the store, and whoever must know has been told.
void StoreWrite::finish() {
    step_ = Step::over;
    outcome_ = Outcome::done;
    for (const GrantWrite &grant : grants_) {
        grant.keep(cache_, now_.monotonic);
    }
    records_.keep(now_.monotonic);
}

}  // namespace ipfence
