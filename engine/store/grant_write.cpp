#include "engine/store/grant_write.hpp"

#include "engine/store/grant_merge.hpp"
#include "engine/store/store_commands.hpp"

namespace ipfence {

bool GrantWrite::forgets(const GrantRecord &grant) const noexcept {
    return is_forgetting_ || (is_logging_out_ && !grant.outlives_logout());
}

std::optional<Command> GrantWrite::next_command(const StoreFormat &format, const NearCache &cache,
                                                const Instant &now) {
    if (is_over_ || attempts_ == kMaxAttempts) {
        return std::nullopt;
    }
    ++attempts_;
    const std::string name = format.names().grant(key_);
    reading_ = cache.begin_reading(key_);
    if (!merged_ && known_) {
        merged_ = known_;  // most are new
        merged_->set(GrantRecord::kForgotten,
                     known_->has(GrantRecord::kForgotten) || forgets(*known_));
    }
    if (!merged_) {
        return get_command(name);
    }
    const auto value = format.seal(*merged_, now);
    if (!value) {
        return std::nullopt;
    }
    const Seconds expires = merged_->header.expires;
    return replace_command(name, present_, *value,
                           expires > now.monotonic ? expires - now.monotonic : 0);
}

bool GrantWrite::take(const Reply &reply, const StoreFormat &format, const Instant &now) {
    if (reply.is(Reply::Kind::integer) && merged_) {
        // It may have been asked to forget only after this was sent.
        is_over_ = !forgets(*merged_) || merged_->has(GrantRecord::kForgotten);
        if (!is_over_) {
            merged_.reset();
            present_.clear();
        }
        return reply.integer == 1;
    }
    if (reply.is(Reply::Kind::nothing)) {
        // It was not there, or is no longer.
        is_over_ = !known_;
        merged_.reset();
        present_.clear();
        return true;
    }
    // What cannot be read must not be overwritten: it may say that the grant was forgotten.
    const auto present =
        reply.is(Reply::Kind::text) ? format.open_grant(key_, reply.text, now) : std::nullopt;
    if (!present) {
        return false;
    }
    present_ = reply.text;
    is_over_ = compare_with(*present);
    return true;
}

// Whether the store has all of it already.
bool GrantWrite::compare_with(const GrantRecord &present) noexcept {
    merged_ = known_ ? merge(present, *known_) : present;
    merged_->set(GrantRecord::kForgotten,
                 merged_->has(GrantRecord::kForgotten) || forgets(*merged_));
    decides_otherwise_ = decides_otherwise(present, *merged_);
    return !decides_otherwise_ && merged_->issued == present.issued &&
           merged_->outlives_logout() == present.outlives_logout() &&
           merged_->header.expires <= present.header.expires + kWorthwhileExtension;
}

std::optional<StoreEvent> GrantWrite::event() const noexcept {
    using Kind = StoreEvent::Kind;
    // What neither the store nor this machine has, others may still have copies of.
    if (merged_ ? forgets(*merged_) : is_forgetting_ || is_logging_out_) {
        return StoreEvent{Kind::grant_forgotten, key_};
    }
    return decides_otherwise_ ? std::optional(StoreEvent{Kind::grant_changed, key_}) : std::nullopt;
}

std::optional<GrantRecord> GrantWrite::keep(NearCache &cache, Seconds now) const noexcept {
    return is_over_ && merged_ ? std::optional(cache.keep(*merged_, reading_, now)) : std::nullopt;
}

}  // namespace ipfence
