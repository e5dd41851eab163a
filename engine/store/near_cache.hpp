#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/memory/instant.hpp"
#include "engine/memory/memory.hpp"
#include "engine/store/event.hpp"

namespace ipfence {

/// This machine's memory as a cache of the store: which of its records may be used without asking,
/// what is kept of an answer, and what an event changes. Nothing is ever relaxed by a copy that is
/// older than what this machine knows: answers are merged into it (grant_merge.hpp). For all
/// processes that share the zone.
class NearCache {
  public:
    /// How long copies are trusted after nothing was known to be missing.
    static constexpr Seconds kLease = 3;

    /// On a memory, which must outlive it.
    explicit NearCache(Memory &memory) noexcept : memory_(memory) {}

    Memory &memory() const noexcept { return memory_; }

    /// What memory says by itself.
    enum class Answer : std::uint8_t {
        known,
        unknown,   ///< sure to be unknown: its grant was forgotten, or it was logged out here
        must_ask,  ///< there is no copy that may be trusted
    };

    /// Looks for a credential and its grant; `remembered` is set when it is known.
    Answer recall(const Digest &key, Seconds now,
                  std::optional<Remembered> &remembered) const noexcept;

    /// Looks for a session and its grants; `session` is only to be used when it is known.
    Answer recall_session(const Digest &key, Seconds now, SessionMemory &session) const noexcept;

    /// The trusted copies of a credential, and of a grant (also of one that was forgotten).
    std::optional<CredentialRecord> trusted_credential(const Digest &key,
                                                       Seconds now) const noexcept;
    std::optional<GrantRecord> trusted_grant(const Digest &key, Seconds now) const noexcept;

    /// What is noted before the store is asked for a key, so that its answer is kept only when
    /// nothing changed meanwhile.
    struct Reading {
        Digest key;
        std::uint32_t epoch = 0;
        std::uint32_t changes = 0;
    };
    Reading begin_reading(const Digest &key) const noexcept;

    /// Keeps a credential that the store answered with.
    void keep(const CredentialRecord &credential, const Reading &reading, Seconds now) noexcept;

    /// Merges a grant that the store answered with into memory, and returns what is known of it
    /// now; whether or not the zone has a place for it.
    GrantRecord keep(const GrantRecord &grant, const Reading &reading, Seconds now) noexcept;

    /// Keeps that a session has received these grants, at most SessionMemory::kMaxGrants, and lives
    /// until `expires`. Grants that memory knows of besides stay; the session is asked for again
    /// until the store knows them, too. Whether there are such.
    bool keep_session(const Digest &session, std::span<const GrantRecord> grants, Seconds expires,
                      const Reading &reading, Seconds now) noexcept;

    /// Acts on what another machine, or this one, has told: the copy it names is not trusted, or is
    /// forgotten.
    void apply(const StoreEvent &event, Seconds now) noexcept;

    /// Nothing was missed until now.
    void renew(Seconds now) noexcept { memory_.zone().trust().renew(now + kLease); }

    /// Something may have been missed: no copy is trusted until it is read again, nor before
    /// `renew`.
    void distrust() noexcept { memory_.zone().trust().end_epoch(); }

    /// Whether copies that are read now may be trusted.
    bool is_trusting(Seconds now) const noexcept { return memory_.zone().trust().holds(now); }

  private:
    bool is_current(const Reading &reading) const noexcept;
    template <class Record>
    void distrust_copy(Table &table, const Digest &key, Seconds now) noexcept;
    // What the records of a session say after what the store says was added to them.
    struct Merged {
        unsigned count = 0;    // grants; 0 when they do not say
        bool is_more = false;  // than the store knows of, and decides otherwise
    };
    Merged add_missing(const Digest &session, std::span<const GrantRecord> grants, Seconds lifetime,
                       Seconds now) noexcept;
    void make_room_for(const Digest &session, Seconds now) noexcept;
    void forget_places(const Digest &session, unsigned count) noexcept;
    void forget_session(const Digest &session) noexcept;

    Memory &memory_;
};

}  // namespace ipfence
