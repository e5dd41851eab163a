#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/memory/digest.hpp"
#include "engine/memory/instant.hpp"

namespace ipfence {

/// The part of a zone's header that says which of its records are copies of what a store holds
/// that is shared with other machines, and may be used without asking it. All zero is a zone that
/// trusts none. In memory that processes share: only ever touched through Trust.
struct TrustState {
    static constexpr std::size_t kStripes = 256;

    std::uint32_t epoch = 1;
    Seconds lease_end = 0;
    std::array<std::uint32_t, kStripes> changes{};
};

/// Works with a TrustState.
///
/// A record is a trusted copy while the zone's epoch is the one in its header and the lease holds.
/// Whoever may have missed what others changed ends the epoch, and with it the trust in all copies;
/// whoever is sure to have missed nothing renews the lease, so that a process that dies does not
/// leave others trusting for long.
///
/// A copy that is read while the record changes must not be trusted. So a reader notes the epoch
/// and the count of changes of the key before it asks, and compares them again under the lock of
/// the record's place. Whoever changes the record counts that before he takes the lock: either the
/// reader sees it, or he finds the copy.
class Trust {
  public:
    /// What the header of a record says that is no copy of the store's.
    static constexpr std::uint32_t kNoEpoch = 0;

    explicit Trust(TrustState &state) noexcept : state_(&state) {}

    /// The epoch of copies that are read from here on; never kNoEpoch.
    std::uint32_t epoch() const noexcept {
        return std::atomic_ref(state_->epoch).load(std::memory_order_acquire);
    }

    /// Whether a copy of this epoch is to be trusted now.
    bool holds(std::uint32_t epoch_of_copy, Seconds now) const noexcept {
        return epoch_of_copy == epoch() && now < lease_end();
    }

    /// Whether copies of the present epoch are to be trusted now.
    bool holds(Seconds now) const noexcept { return now < lease_end(); }

    /// Nothing was missed until now: copies are to be trusted until `end`.
    void renew(Seconds end) noexcept {
        std::atomic_ref(state_->lease_end).store(end, std::memory_order_release);
    }

    /// Something may have been missed: no copy is to be trusted until it is read again, and none at
    /// all until the lease is renewed.
    void end_epoch() noexcept {
        renew(0);
        std::atomic_ref epoch(state_->epoch);
        if (epoch.fetch_add(1, std::memory_order_acq_rel) + 1 == kNoEpoch) {
            epoch.fetch_add(1, std::memory_order_acq_rel);
        }
    }

    /// How often what has this key, or a few others, has changed.
    std::uint32_t changes_of(const Digest &key) const noexcept {
        return stripe_of(key).load(std::memory_order_seq_cst);
    }

    /// What has this key changes now; to be called before its copy is looked for.
    void note_change_of(const Digest &key) noexcept {
        stripe_of(key).fetch_add(1, std::memory_order_seq_cst);
    }

  private:
    Seconds lease_end() const noexcept {
        return std::atomic_ref(state_->lease_end).load(std::memory_order_acquire);
    }
    std::atomic_ref<std::uint32_t> stripe_of(const Digest &key) const noexcept {
        return std::atomic_ref(state_->changes[key.words[0] % TrustState::kStripes]);
    }

    TrustState *state_;
};

}  // namespace ipfence
