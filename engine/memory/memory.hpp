#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/memory/changes.hpp"
#include "engine/memory/record.hpp"
#include "engine/memory/zone.hpp"

namespace ipfence {

/// A credential that the gate saw issued, with its grant.
struct Remembered {
    /// Of neither yet: for memory, which writes all of both.
    Remembered() noexcept {}
    Remembered(const CredentialRecord &credential_, const GrantRecord &grant_) noexcept
        : credential(credential_), grant(grant_) {}

    // Each in a union of its own, which leaves it as it is until it is written.
    union {
        CredentialRecord credential;
    };
    union {
        GrantRecord grant;
    };
};

/// What a session cookie stands for.
struct SessionMemory {
    /// More apps than people use in one browser session.
    static constexpr std::size_t kMaxGrants = 16;
    /// Of grants that are alike one is enough to decide by. The others are kept for logout, and for
    /// when they are alike no longer.
    static constexpr unsigned kMaxPlaces = 256;
    /// So many places are looked at where the session's own record is gone: those that decide, and
    /// the first of what was put aside. Nobody shall make work by cookies that were never seen.
    static constexpr unsigned kSearchedPlaces = 2 * kMaxGrants;

    enum class State : std::uint8_t {
        unknown,  ///< nobody saw it issued, or it has expired
        lost,     ///< known, but not all that it was given: what is missing may be what forbids
        known,
    };
    SessionMemory() noexcept {}

    State state = State::unknown;
    std::uint32_t owner = 0;
    std::size_t count = 0;
    std::size_t left = 0;        ///< of one that is lost: how many of its grants were found
    bool has_new_aside = false;  ///< some grant that was put aside decides, which none did before
    // Not initialized, but for the first `count` or `left`: most sessions have one or two.
    union {
        std::array<GrantRecord, kMaxGrants> records;
    };

    /// Of one that is known: what decides.
    std::span<const GrantRecord> grants() const noexcept { return {records.data(), count}; }
    /// Of one that is known or lost: what says whose it is.
    std::span<const GrantRecord> found_grants() const noexcept {
        return {records.data(), state == State::lost ? left : count};
    }
};

/// A credential that is about to be remembered.
struct NewCredential {
    CredentialKind kind = CredentialKind::access_token;
    Digest key;
    Digest grant;
    Seconds lifetime = 0;
    bool refreshed = false;
    Standing standing = Standing::learned;
};

/// What the gate remembers: grants, and the credentials that lead to them. Never a token, code or
/// cookie, only keyed digests of them. All functions may run in many processes at once; none
/// allocates. What cannot be found is unknown, which the semantics treat as strictly as can be.
class Memory {
  public:
    /// Longer lifetimes are cut to this.
    static constexpr Seconds kMaxLifetime = Seconds{400} * 24 * 3600;

    /// On a zone, which must outlive it. What is remembered of one identity provider is unknown of
    /// every other: the name is a part of the key that all digests are made with (I24). Fails when
    /// there is no memory.
    static Result<Memory> on(Zone zone, std::string_view provider = {});

    Zone &zone() noexcept { return zone_; }

    /// The digest of a secret; `scope` is what else makes it another secret: a cookie's name.
    std::optional<Digest> digest(Role role, std::string_view scope,
                                 std::string_view text) const noexcept {
        return digest_.digest(role, scope, text);
    }

    /// The credential with this digest and its grant, into `remembered`; empty when either is
    /// unknown, has expired or was forgotten.
    void recall(const Digest &key, Seconds now,
                std::optional<Remembered> &remembered) const noexcept;

    /// The same, as a copy.
    std::optional<Remembered> recall(const Digest &key, Seconds now) const noexcept {
        std::optional<Remembered> remembered;
        recall(key, now, remembered);
        return remembered;
    }

    /// Whether there is a credential with this digest whose grant was forgotten, or had to go: what
    /// it was of, nobody can say any more.
    bool has_lost_grant(const Digest &key, Seconds now) const noexcept;

    /// The grant of a credential whose grant was forgotten; empty where it was not, or is not
    /// there.
    std::optional<GrantRecord> forgotten_grant(const Digest &key, Seconds now) const noexcept;

    /// Remembers a grant under `key`, for `lifetime`; the record's header is filled in here, but
    /// for an owner that is given.
    Stored remember_grant(const Digest &key, GrantRecord grant, Seconds lifetime, Standing standing,
                          Seconds now) noexcept;

    /// Changes a live grant by `change(GrantRecord &)`, and lets it live at least `lifetime` more.
    /// False when it is not there.
    template <class Change>
    bool change_grant(const Digest &key, Seconds lifetime, Seconds now, Change &&change) noexcept {
        return zone_.grants().update<GrantRecord>(key, now, [&](GrantRecord &grant) {
            const GrantRecord before = grant;
            change(grant);
            grant.header.expires = std::max(grant.header.expires, end_of(lifetime, now));
            collect_change(before, grant);
            return true;
        });
    }

    /// Remembers a credential of a grant.
    Stored remember(const NewCredential &credential, std::uint32_t owner, Seconds now) noexcept;

    /// Lets a credential live no longer than `lifetime` more.
    void shorten(const Digest &key, Seconds lifetime, Seconds now) noexcept;

    /// Forgets one credential and nothing else.
    void forget(const Digest &key) noexcept;

    /// Forgets a credential whose grant is not known here: whoever hears of the change and knows
    /// that grant forgets it, too.
    void revoke_unknown(const Digest &key) noexcept;

    /// Forgets a grant: none of its tokens is known from here on. The sessions that received it
    /// stay as restricted as they were.
    void forget_grant(const Digest &key, Seconds now) noexcept;

    /// Adds a grant to those that a session received, of the session's owner where the grant has
    /// none. A session that received more than SessionMemory::kMaxGrants that differ is lost, and
    /// so is one that has remains only. One that was logged out begins anew by a login, but not by
    /// what a store answers, which may not have heard of the logout. A renewal is only of a grant
    /// that the session has: it lets all that it received live longer, and begins none.
    enum class Source : std::uint8_t { login, store, renewal };
    Stored bind_session(const Digest &session, const Digest &grant, std::uint32_t owner,
                        Seconds lifetime, Seconds now, Source source = Source::login) noexcept;

    /// Everything that a session received.
    void recall_session(const Digest &session, Seconds now, SessionMemory &memory) const noexcept;

    /// Whose a session is; kNobody where that is not known.
    std::uint32_t owner_of_session(const Digest &session, Seconds now) const noexcept;

    /// When a session is forgotten; 0 where it is not known.
    Seconds end_of_session(const Digest &session, Seconds now) const noexcept;

    /// Gives the records of a session that was nobody's to the user whom its grants name, if any,
    /// and keeps what was put aside and decides now: without that, the session is lost from here
    /// on.
    void claim_session(const Digest &session, const SessionMemory &known, Seconds now) noexcept;

    /// Whether a record of any grant that a session received is there. Where recall_session says
    /// unknown, the session's own record is gone: nobody can say how much else it received.
    bool has_remains(const Digest &session, Seconds now) const noexcept;

    /// Whether two grants of a session restrict it alike, whatever is decided.
    static bool are_alike(const GrantRecord &one, const GrantRecord &other) noexcept;

    /// The same, whether or not one of them was refreshed.
    static bool are_alike_but_for_refresh(const GrantRecord &one,
                                          const GrantRecord &other) noexcept;

    /// Whether one of a session's grants says who was the last to sign in, or that it may have been
    /// somebody else: what is alike does not stand for it, since it may have come before.
    static bool says_who_was_last(std::span<const GrantRecord> grants, std::size_t index) noexcept;

    /// Forgets a session and the family of every grant that it received.
    void forget_session(const Digest &session, Seconds now) noexcept;

    /// For the table's fairness: a keyed hash of the user, else of the app; 0 when there is no
    /// memory.
    std::uint32_t owner_of(std::string_view user, std::string_view app) const noexcept;

    /// Collects from here on what is changed in `changes`, or nothing more for null.
    void collect(Changes *changes) noexcept { changes_ = changes; }

  private:
    Memory(Zone zone, KeyedDigest digest) noexcept : zone_(zone), digest_(std::move(digest)) {}

    void collect_change(GrantRecord before, const GrantRecord &after) noexcept;
    static Seconds end_of(Seconds lifetime, Seconds now) noexcept;
    static CredentialRecord session_record(const Digest &key, CredentialKind kind,
                                           std::uint32_t owner, Seconds expires) noexcept;
    std::optional<CredentialRecord> session_grant(const Digest &session, unsigned index,
                                                  Seconds now) const noexcept;
    unsigned places_of(const Digest &session, unsigned count, Seconds now) const noexcept;
    bool has_place(const CredentialRecord &session, const Digest &grant,
                   Seconds now) const noexcept;
    void take_up_remains(CredentialRecord &fresh, Seconds now) const noexcept;
    std::optional<unsigned> receive_grant(CredentialRecord &session, std::uint32_t owner,
                                          Seconds expires, bool has_it, Source source,
                                          Seconds now) const noexcept;
    Stored fill_place(const Digest &session, unsigned index, const Digest &grant,
                      std::uint32_t owner, Seconds expires, Seconds now) noexcept;
    void give_place(const Digest &session, unsigned index, const Digest &grant,
                    Seconds now) noexcept;
    void empty_place(const Digest &session, unsigned index, const Digest &grant,
                     Seconds now) noexcept;
    unsigned put_aside(const CredentialRecord &head, const GrantRecord &grant, unsigned index,
                       Seconds now) noexcept;
    void recall_places(const Digest &session, const CredentialRecord &head, Seconds now,
                       SessionMemory &memory) const noexcept;
    void add_put_aside(const CredentialRecord &head, Seconds now,
                       SessionMemory &memory) const noexcept;
    bool find_put_aside(const Digest &session, unsigned index, Seconds now,
                        GrantRecord &grant) const noexcept;
    void compact_session(const Digest &session, Seconds now) noexcept;
    void forget_quietly(const Digest &key) noexcept;
    void extend_session(const CredentialRecord &head, Seconds expires, Seconds now) noexcept;
    void extend_place(const Digest &session, unsigned index, Seconds expires, Seconds now) noexcept;
    void keep_put_aside(const CredentialRecord &head, Seconds expires, Seconds now) noexcept;

    Zone zone_;
    KeyedDigest digest_;
    Changes *changes_ = nullptr;
};

/// Lets a memory collect what is changed, for a scope.
class ChangesScope {
  public:
    ChangesScope(Memory &memory, Changes &changes) noexcept : memory_(memory) {
        memory_.collect(&changes);
    }
    ChangesScope(const ChangesScope &) = delete;
    ChangesScope &operator=(const ChangesScope &) = delete;
    ~ChangesScope() { memory_.collect(nullptr); }

  private:
    Memory &memory_;
};

}  // namespace ipfence
