#pragma once

#include <optional>
#include <vector>

#include "engine/store/exchange.hpp"
#include "engine/store/near_cache.hpp"
#include "engine/store/store_format.hpp"

namespace ipfence {

/// What became of a question to the store.
enum class Fetched : std::uint8_t {
    pending,
    hit,
    miss,     ///< the store does not know it, or knows that it was forgotten
    refused,  ///< what the store has is not what a node of ours wrote, or has expired: no better
              ///< than a miss
};

/// Asks the store for a credential and its grant, where memory has no copy to be trusted: two round
/// trips, or one where memory knows which grant it is or has that.
class CredentialFetch final : public StoreExchange {
  public:
    /// `format` and `cache` must outlive it.
    CredentialFetch(const StoreFormat &format, NearCache &cache, const Digest &key,
                    const Instant &now);

    std::vector<Command> next_round() override;
    bool take(std::span<const Reply> replies) override;

    Fetched outcome() const noexcept { return outcome_; }
    /// When it was a hit: to be used whether or not memory had a place for it.
    const std::optional<Remembered> &remembered() const noexcept { return remembered_; }

  private:
    void begin_with(const std::optional<CredentialRecord> &copy);
    bool take_credential(const Reply &reply);
    bool take_grant(const Reply &reply);
    void conclude(const GrantRecord &grant);

    const StoreFormat &format_;
    NearCache &cache_;
    Digest key_;
    Instant now_;
    std::optional<NearCache::Reading> credential_reading_;  // the store is to be asked for it
    std::optional<NearCache::Reading> grant_reading_;
    std::optional<CredentialRecord> credential_;
    std::optional<Remembered> remembered_;
    Fetched outcome_ = Fetched::pending;
};

/// Asks the store for a session and its grants: two round trips. What the session received and
/// cannot be read makes it lost, as in memory.
class SessionFetch final : public StoreExchange {
  public:
    /// Fields that are read of one session; with more it is lost.
    static constexpr std::size_t kMaxFields = 4 * SessionMemory::kMaxGrants;

    /// `format` and `cache` must outlive it.
    SessionFetch(const StoreFormat &format, NearCache &cache, const Digest &session,
                 const Instant &now);

    std::vector<Command> next_round() override;
    bool take(std::span<const Reply> replies) override;

    /// A lost session, too, is a hit.
    Fetched outcome() const noexcept { return outcome_; }
    /// Once it is no longer pending: to be used whether or not memory had a place for it.
    const SessionMemory &session() const noexcept { return session_; }

  private:
    enum class Step : std::uint8_t { session, grants, over };

    void take_bindings(const Reply &reply);
    void take_grant(const NearCache::Reading &reading, const Reply &reply);
    void conclude();
    void add_what_is_known_here();

    const StoreFormat &format_;
    NearCache &cache_;
    Digest key_;
    Instant now_;
    Step step_ = Step::session;
    NearCache::Reading reading_;
    std::vector<NearCache::Reading> grant_readings_;
    std::vector<GrantRecord> grants_;
    std::vector<Digest> order_;  // in which the session received them
    Seconds expires_ = 0;
    bool is_lost_ = false;
    SessionMemory session_;
    Fetched outcome_ = Fetched::pending;
};

}  // namespace ipfence
