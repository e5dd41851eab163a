#pragma once

#include <optional>
#include <string>

#include "engine/store/command.hpp"
#include "engine/store/near_cache.hpp"
#include "engine/store/reply.hpp"
#include "engine/store/store_format.hpp"

namespace ipfence {

/// Brings what this machine knows of one grant into the store, merged with what others know
/// (grant_merge.hpp), so that nothing is lost whoever else writes at the same time: the value is
/// replaced only while it is the one that was merged with, and else merged with the newer one.
class GrantWrite {
  public:
    /// Others who write at the same time are few: whoever loses this often meets something else.
    static constexpr unsigned kMaxAttempts = 8;
    /// A longer life is worth a write from here on.
    static constexpr Seconds kWorthwhileExtension = 60;

    /// `known` is to be in the store; empty: only what the store has is changed.
    GrantWrite(const Digest &key, const std::optional<GrantRecord> &known) noexcept
        : key_(key), known_(known) {}

    const Digest &key() const noexcept { return key_; }

    /// Its tokens are to be unknown from here on.
    void forget() noexcept { is_forgetting_ = true; }

    /// So are they where a session that received it was logged out, and they do not outlive that.
    void log_out() noexcept { is_logging_out_ = true; }

    /// The next command; empty when it is over, or has failed.
    std::optional<Command> next_command(const StoreFormat &format, const NearCache &cache,
                                        const Instant &now);

    /// The reply to it. False when the write has failed.
    [[nodiscard]] bool take(const Reply &reply, const StoreFormat &format, const Instant &now);

    bool is_over() const noexcept { return is_over_; }

    /// Once it is over: what others have to hear, if anything.
    std::optional<StoreEvent> event() const noexcept;

    /// Once it is over: keeps what the store has now as a copy. Empty when it has nothing.
    std::optional<GrantRecord> keep(NearCache &cache, Seconds now) const noexcept;

  private:
    bool compare_with(const GrantRecord &present) noexcept;
    bool forgets(const GrantRecord &grant) const noexcept;

    Digest key_;
    std::optional<GrantRecord> known_;
    bool is_forgetting_ = false;
    bool is_logging_out_ = false;
    bool is_over_ = false;
    bool decides_otherwise_ = false;
    unsigned attempts_ = 0;
    std::string present_;                // the value that was merged with
    std::optional<GrantRecord> merged_;  // what the store is to have
    NearCache::Reading reading_;
};

}  // namespace ipfence
