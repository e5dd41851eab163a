#pragma once

#include <memory>
#include <string>

#include "engine/memory/memory.hpp"
#include "engine/memory/snapshot.hpp"
#include "module/nginx.hpp"
#include "module/zone_mapping.hpp"

namespace ipfence::module {

/// The zone of `ipfence_zone` in one configuration: the shared memory, and this process's way to
/// work with it. Owned by the configuration's pool.
class SharedZone {
  public:
    /// Takes up the memory of an earlier configuration or binary, or makes it, filled from the
    /// snapshot where there is one. What was made under another key than `key` is left alone, with
    /// a warning; null: any key will do. Null after an error, which is logged with the directive.
    static std::unique_ptr<SharedZone> open(ngx_conf_t *cf, const std::string &name,
                                            std::size_t size, const std::string &snapshot,
                                            const Zone::Key *key);

    Memory &memory() noexcept { return memory_; }

    /// The digest of a secret that a request brings. Throws std::bad_alloc where OpenSSL has no
    /// memory for it, which denies: what could not be looked up is not what nobody knows (K13).
    Digest digest(Role role, std::string_view scope, std::string_view text) const;

    const std::string &name() const noexcept { return name_; }
    std::size_t size() const noexcept { return mapping_->memory().size(); }

    /// Writes the snapshot, if one is configured; logs what went wrong.
    void write_snapshot(ngx_log_t *log) const noexcept;

  private:
    SharedZone(std::string name, std::string snapshot, std::shared_ptr<ZoneMapping> mapping,
               Memory memory) noexcept
        : name_(std::move(name)),
          snapshot_(std::move(snapshot)),
          mapping_(std::move(mapping)),
          memory_(std::move(memory)) {}

    std::string name_;
    std::string snapshot_;
    std::shared_ptr<ZoneMapping> mapping_;
    Memory memory_;
};

/// Opens the zone of a configuration that has one, when all of it is read.
ngx_int_t open_zone(ngx_conf_t *cf);

/// Now, on the clock of memory: nginx's cached time that never steps.
inline Seconds memory_now() noexcept {
    return static_cast<Seconds>(ngx_current_msec / 1000);
}

}  // namespace ipfence::module
