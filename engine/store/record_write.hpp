#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/memory/changes.hpp"
#include "engine/store/command.hpp"
#include "engine/store/near_cache.hpp"
#include "engine/store/reply.hpp"
#include "engine/store/store_format.hpp"

namespace ipfence {

/// The grants that a session which is forgotten, or a revoked credential, led to.
struct LedTo {
    std::vector<Digest> logged_out;
    std::vector<Digest> revoked;
};

/// Brings what is no grant of some changes into the store: credentials, what sessions received, and
/// what was forgotten of either. One round of commands; deletions that must wait until the grants
/// are forgotten; and what others have to hear.
class RecordWrite {
  public:
    /// `format` and `cache` must outlive it.
    RecordWrite(const StoreFormat &format, NearCache &cache, Changes changes);

    /// Adds the commands of the round. False when there is a record that cannot be sealed.
    [[nodiscard]] bool add_commands(std::vector<Command> &commands, const Instant &now);

    /// Takes the replies to those commands off the front of `replies`, and adds to `led`, also the
    /// grants that this machine has not heard of. False when a reply is not what a store of ours
    /// answers.
    [[nodiscard]] bool take(std::span<const Reply> &replies, const Instant &now, LedTo &led);

    /// What it brings into the store.
    const Changes &changes() const noexcept { return changes_; }

    /// Whether there are deletions that must wait.
    bool has_deletions() const noexcept {
        return !changes_.forgotten_sessions().empty() || !changes_.revoked_credentials().empty();
    }

    /// Adds the deletions that come once all grants are forgotten: who is interrupted before can
    /// still find those.
    void add_deletions(std::vector<Command> &commands) const;

    /// Adds what others have to hear.
    void add_events(std::vector<std::string> &events) const;

    /// Once all is in the store, and whoever must know has been told: keeps what was written as
    /// copies.
    void keep(Seconds now) noexcept;

  private:
    // What a session received of late.
    struct SessionWrite {
        Digest session;
        NearCache::Reading reading;
        std::vector<Changes::Binding> bindings;
        bool is_new = false;
    };

    void collect_sessions();
    bool add_credentials(std::vector<Command> &commands, const Instant &now);
    bool add_bindings(std::vector<Command> &commands, const Instant &now) const;
    void add_forgotten(std::vector<Command> &commands) const;

    std::size_t forgotten_count() const noexcept;
    std::size_t reply_count() const noexcept;
    bool take_credentials(std::span<const Reply> &replies);
    bool take_bindings(std::span<const Reply> &replies);
    bool take_forgotten_session(const Digest &session, const Reply &reply, const Instant &now,
                                std::vector<Digest> &led) const;
    bool take_revoked_credential(const Digest &credential, const Reply &reply, const Instant &now,
                                 std::vector<Digest> &led) const;

    const StoreFormat &format_;
    NearCache &cache_;
    Changes changes_;
    std::vector<SessionWrite> sessions_;
    std::vector<NearCache::Reading> credential_readings_;
    std::vector<bool> is_credential_ours_;
};

}  // namespace ipfence
