#pragma once

#include <memory>
#include <optional>

#include "engine/status/store_tally.hpp"
#include "engine/store/near_cache.hpp"
#include "engine/store/store_format.hpp"
#include "module/store_errands.hpp"
#include "module/store_router.hpp"
#include "module/store_settings.hpp"
#include "module/store_subscription.hpp"
#include "module/zone_mapping.hpp"

namespace ipfence::module {

/// The store of `ipfence_store` in one configuration, and each worker's way to it. Owned by the
/// configuration's pool.
class SharedStore {
  public:
    /// Null after an error, which is logged with the directive.
    static std::unique_ptr<SharedStore> make(ngx_conf_t *cf, StoreSettings settings);

    const StoreSettings &settings() const noexcept { return settings_; }
    const StoreFormat &format() const noexcept { return format_; }
    StoreTally &tally() const noexcept { return *tally_; }

    /// Makes the configuration's zone, which must outlive this, the cache of the store.
    void serve(Memory &memory) noexcept { near_cache_.emplace(memory); }

    /// Only once it serves a zone.
    NearCache &near_cache() noexcept { return *near_cache_; }

    /// Makes the worker's connections; only in a worker (L13).
    void begin_worker() noexcept;
    void end_worker() noexcept;

    // Only between the two.
    StoreRouter &router() noexcept { return *router_; }
    StoreErrands &errands() noexcept { return *errands_; }

    /// Shows in the tally how this worker stands with the store.
    void note_standing() noexcept;

  private:
    SharedStore(StoreSettings settings, StoreFormat format, std::shared_ptr<ZoneMapping> mapping,
                StoreTally *tally) noexcept;

    StoreSettings settings_;
    StoreFormat format_;
    std::shared_ptr<ZoneMapping> mapping_;
    StoreTally *tally_;
    std::optional<NearCache> near_cache_;
    std::optional<StoreRouter> router_;
    std::optional<StoreErrands> errands_;            // use the router
    std::optional<StoreSubscription> subscription_;  // of one worker; likewise
};

}  // namespace ipfence::module
