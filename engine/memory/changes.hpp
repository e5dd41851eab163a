#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/memory/record.hpp"

namespace ipfence {

/// What a piece of learning or forgetting did to memory, for who must tell others: collected by a
/// Memory while a ChangesScope lives. Records are here also when the zone had no place for them.
class Changes {
  public:
    /// A grant that a session received, or that it need not keep since another one is alike.
    struct Binding {
        Digest session;
        Digest grant;
        Seconds expires = 0;
        std::uint32_t owner = 0;
    };

    /// A grant as it is now.
    struct ChangedGrant {
        GrantRecord record;
        bool is_only_longer = false;  ///< it lives longer, and nothing new is known of it
    };

    /// What was stored or has changed, and is to be stored by others, too.
    std::span<const ChangedGrant> grants() const noexcept { return grants_; }
    std::span<const CredentialRecord> credentials() const noexcept { return credentials_; }
    std::span<const Binding> bound() const noexcept { return bound_; }
    /// What is to be forgotten.
    std::span<const Binding> unbound() const noexcept { return unbound_; }
    std::span<const Digest> forgotten_grants() const noexcept { return forgotten_grants_; }
    std::span<const Digest> forgotten_sessions() const noexcept { return forgotten_sessions_; }
    /// Others than codes that were redeemed: those go by themselves.
    std::span<const Digest> forgotten_credentials() const noexcept {
        return forgotten_credentials_;
    }
    std::span<const Digest> redeemed_codes() const noexcept { return redeemed_codes_; }
    /// Those whose grants are to be forgotten with them, by whoever knows which those are.
    std::span<const Digest> revoked_credentials() const noexcept { return revoked_credentials_; }

    /// Whether there is nothing to tell.
    bool empty() const noexcept;

    /// False when there was no memory for all of it: others cannot be told.
    bool is_complete() const noexcept { return is_complete_; }

    /// For Memory, which says what it did.
    void add_grant(const GrantRecord &grant, bool is_only_longer) noexcept;
    void add_credential(const CredentialRecord &credential) noexcept;
    void add_bound(const Binding &binding) noexcept;
    void add_unbound(const Binding &binding) noexcept;
    void forget_grant(const Digest &key) noexcept;
    void forget_session(const Digest &key) noexcept;
    void forget_credential(const Digest &key, bool is_code) noexcept;
    void revoke_credential(const Digest &key) noexcept;

  private:
    template <class Item>
    void add(std::vector<Item> &items, const Item &item) noexcept;

    std::vector<ChangedGrant> grants_;
    std::vector<CredentialRecord> credentials_;
    std::vector<Binding> bound_;
    std::vector<Binding> unbound_;
    std::vector<Digest> forgotten_grants_;
    std::vector<Digest> forgotten_sessions_;
    std::vector<Digest> forgotten_credentials_;
    std::vector<Digest> redeemed_codes_;
    std::vector<Digest> revoked_credentials_;
    bool is_complete_ = true;
};

}  // namespace ipfence
