#pragma once

#include <cstdint>
#include <vector>

#include "engine/store/exchange.hpp"
#include "engine/store/grant_write.hpp"
#include "engine/store/record_write.hpp"

namespace ipfence {

/// Brings what changed in memory into the store, and tells the other machines what they may have
/// copies of. One round trip for what is new; another one for a grant that is there already, since
/// it is merged; a last one for what others must hear, so that they never hear of a change before
/// it is there. When it is done, this machine trusts its own copies.
class StoreWrite final : public StoreExchange {
  public:
    enum class Outcome : std::uint8_t { pending, done, failed };

    /// A session may have received many: others wait for the connection, too.
    static constexpr std::size_t kMaxGrantsARound = 64;

    /// `format` and `cache` must outlive it.
    StoreWrite(const StoreFormat &format, NearCache &cache, Changes changes, const Instant &now);

    std::vector<Command> next_round() override;
    bool take(std::span<const Reply> replies) override;

    Outcome outcome() const noexcept { return outcome_; }

    /// Whether all is in the store and others were not told of it: they may trust what is no longer
    /// so.
    bool owes_events() const noexcept { return step_ == Step::events && outcome_ != Outcome::done; }

    /// Lets the conversation be held once more, from the events on that it owes.
    void resume() noexcept { outcome_ = Outcome::pending; }

  private:
    enum class Step : std::uint8_t { records, grants, deletions, events, over };

    void collect_grants(const Changes &changes);
    GrantWrite &write_of(const Digest &grant);
    void add_grant_commands(std::vector<Command> &commands);
    std::vector<std::string> events() const;

    bool take_records(std::span<const Reply> &replies);
    bool take_grants(std::span<const Reply> replies);
    void advance();
    void finish();
    void fail() noexcept { outcome_ = Outcome::failed; }

    const StoreFormat &format_;
    NearCache &cache_;
    Instant now_;
    Step step_ = Step::records;
    Outcome outcome_ = Outcome::pending;
    RecordWrite records_;
    std::vector<GrantWrite> grants_;
    std::vector<std::size_t> asked_grants_;  // of this round, by their place in grants_
};

}  // namespace ipfence
