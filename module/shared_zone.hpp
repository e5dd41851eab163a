#pragma once

#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/endpoint/token_digest.hpp"
#include "engine/memory/memory.hpp"
#include "engine/memory/snapshot.hpp"
#include "module/nginx.hpp"
#include "module/request_state.hpp"
#include "module/zone_mapping.hpp"
#include "module/zone_pages.hpp"

namespace ipfence::module {

/// The zone of `ipfence_zone` in one configuration: the shared memory, and this process's way to
/// work with it. Owned by the configuration's pool.
class SharedZone {
  public:
    /// Takes up the memory of an earlier configuration or binary, or makes it, filled from the
    /// snapshot where there is one. What was made under another key than `key` is left alone, with
    /// a warning; null: any key will do. `providers` are the names of `ipfence_provider`, the first
    /// one empty. Null after an error, which is logged with the directive.
    static std::unique_ptr<SharedZone> open(ngx_conf_t *cf, const std::string &name,
                                            std::size_t size, const std::string &snapshot,
                                            const Zone::Key *key,
                                            std::span<const ngx_str_t> providers);

    /// What is remembered of a provider, by its place among the names of `ipfence_provider`; 0: of
    /// the one that has no name.
    Memory &memory(ngx_uint_t provider = 0) noexcept { return memories_[provider]; }

    const std::string &name() const noexcept { return name_; }
    std::size_t size() const noexcept { return mapping_->memory().size(); }

    /// Begins and ends what a worker does for it beside its requests.
    void begin_worker(const ngx_cycle_t *cycle) noexcept { pages_.begin_worker(cycle->log); }
    void end_worker() noexcept { pages_.end_worker(); }

    /// Writes the snapshot, if one is configured; logs what went wrong.
    void write_snapshot(ngx_log_t *log) const noexcept;

  private:
    SharedZone(std::string name, std::string snapshot, std::shared_ptr<ZoneMapping> mapping,
               std::vector<Memory> memories) noexcept
        : name_(std::move(name)),
          snapshot_(std::move(snapshot)),
          mapping_(std::move(mapping)),
          memories_(std::move(memories)),
          pages_(mapping_->memory()) {}

    std::string name_;
    std::string snapshot_;
    std::shared_ptr<ZoneMapping> mapping_;
    std::vector<Memory> memories_;  ///< one for each provider
    ZonePages pages_;
};

/// Opens the zone of a configuration that has one, when all of it is read.
ngx_int_t open_zone(ngx_conf_t *cf);

/// What is remembered of the provider that `conf` names; null where nothing is remembered.
inline Memory *memory_of(const ngx_http_request_t *r,
                         const ngx_http_ipfence_loc_conf_t *conf) noexcept {
    SharedZone *zone = main_configuration(r)->zone;
    return zone == nullptr ? nullptr : &zone->memory(conf->provider);
}

/// The same, for the place where the gate last saw the request.
inline Memory *memory_of(const RequestState &state) noexcept {
    return memory_of(state.request, state.conf);
}

/// The digest of a secret that a request brings. Throws std::bad_alloc where OpenSSL has no memory
/// for it, which denies: what could not be looked up is not what nobody knows (K13).
inline Digest digest_in(const Memory &memory, Role role, std::string_view scope,
                        std::string_view text) {
    const std::optional<Digest> digest = memory.digest(role, scope, text);
    if (!digest) {
        throw std::bad_alloc();
    }
    return *digest;
}

/// The same of a token that is no code.
inline Digest token_digest_in(const Memory &memory, std::string_view token) {
    const std::optional<Digest> digest = digest_of_token(memory, token);
    if (!digest) {
        throw std::bad_alloc();
    }
    return *digest;
}

/// Now, on the clock of memory: nginx's cached time that never steps.
inline Seconds memory_now() noexcept {
    return static_cast<Seconds>(ngx_current_msec / 1000);
}

}  // namespace ipfence::module
