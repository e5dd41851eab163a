#pragma once

#include <memory>
#include <string>

#include "engine/geoip/database.hpp"
#include "module/background_work.hpp"
#include "module/nginx.hpp"
#include "module/worker_timer.hpp"

namespace ipfence::module {

/// The databases that `ipfence_geoip` names. Each worker looks at the files once a second, and
/// reads them again when they changed, in a thread of its own: a database has millions of nodes,
/// each of which is looked at. Databases that cannot be read change nothing. Lives as long as the
/// configuration pool.
class GeoipFiles final : public OriginSource {
  public:
    /// Where the databases lie; empty: there is none of that kind.
    struct Paths {
        std::string country;
        std::string asn;
    };

    /// Reads them at start. Null, and the reason in the log, when one cannot be read.
    static std::unique_ptr<GeoipFiles> open(ngx_conf_t *cf, Paths paths);

    AddressOrigin origin_of(Address address) const noexcept override {
        return databases_->origin_of(address);
    }

    const Paths &paths() const noexcept { return paths_; }

    /// Begins and ends the watch, in a worker.
    void begin_worker(ngx_cycle_t *cycle) noexcept;
    void end_worker() noexcept;

  private:
    using Databases = std::unique_ptr<const GeoipDatabases>;

    GeoipFiles(Paths paths, std::uint64_t version, Databases databases)
        : paths_(std::move(paths)),
          version_(version),
          seen_(version),
          databases_(std::move(databases)) {}

    using Read = Result<Databases, SourceFailure>;

    static Read read(const Paths &paths);
    static void on_timer(void *data) noexcept;
    void look();
    void end_reading(BackgroundReading<Read> &reading);
    void take_up(Read databases);
    void put_off(const std::string &why);
    std::uint64_t version_now() const;

    const Paths paths_;
    std::uint64_t version_;  // of the files that were last read, or refused
    std::uint64_t seen_;     // of those that the last look saw
    Databases databases_;
    std::unique_ptr<BackgroundReading<Read>> reading_;  // of those that were seen
    std::unique_ptr<BackgroundWork> freeing_;           // of those that were read before
    bool is_put_off_ = false;                           // for want of descriptors or memory
    ngx_msec_t put_off_ = 0;                            // when that was, the last time
    WorkerTimer timer_{on_timer, this};
};

/// Warns where a policy names countries or autonomous systems and `ipfence_geoip` has no database
/// of those: no address is then in any of them. For the end of the configuration.
void warn_of_unknown_origins(ngx_conf_t *cf);

}  // namespace ipfence::module
