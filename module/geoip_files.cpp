#include "module/geoip_files.hpp"

#include <new>
#include <tuple>
#include <utility>

#include "engine/file_version.hpp"
#include "module/policy_file.hpp"
#include "module/signaller.hpp"

namespace ipfence::module {

namespace {

// A change is read when two looks saw it: by then most writers are done.
constexpr ngx_msec_t kIntervalOfChecks = 500;

// Until databases are read again for which there was no descriptor or no memory.
constexpr ngx_msec_t kPauseBeforeOpeningAgain = 1000;

}  // namespace

GeoipFiles::Read GeoipFiles::read(const Paths &paths) {
    std::unique_ptr<const GeoipDatabase> countries;
    std::unique_ptr<const GeoipDatabase> systems;
    using Content = GeoipDatabase::Content;
    for (auto &[path, content, database] :
         {std::tuple<const std::string &, Content, decltype(countries) &>(
              paths.country, Content::country, countries),
          std::tuple<const std::string &, Content, decltype(countries) &>(
              paths.asn, Content::as_number, systems)}) {
        if (path.empty()) {
            continue;
        }
        auto opened = GeoipDatabase::open(path, SourceKind::regular, content);
        if (!opened) {
            return opened.error();
        }
        database = std::move(opened).value();
    }
    return std::make_unique<const GeoipDatabases>(std::move(countries), std::move(systems));
}

std::unique_ptr<GeoipFiles> GeoipFiles::open(ngx_conf_t *cf, Paths paths) {
    if (is_indifferent_to_files()) {
        return std::unique_ptr<GeoipFiles>(new GeoipFiles(std::move(paths), 0, nullptr));
    }
    const std::uint64_t version = version_of({paths.country, paths.asn});
    auto databases = read(paths);
    if (!databases) {
        const ngx_str_t text = ngx_view(databases.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_geoip: %V", &text);
        return nullptr;
    }
    return std::unique_ptr<GeoipFiles>(
        new GeoipFiles(std::move(paths), version, std::move(databases).value()));
}

void GeoipFiles::begin_worker(ngx_cycle_t *cycle) noexcept {
    timer_.begin_worker(cycle->log);
    on_timer(this);
}

void GeoipFiles::end_worker() noexcept {
    timer_.end_worker();
    reading_.reset();
    freeing_.reset();
}

void GeoipFiles::on_timer(void *data) noexcept {
    auto *files = static_cast<GeoipFiles *>(data);
    try {
        files->look();
    } catch (...) {
        ngx_log_error(NGX_LOG_ALERT, files->timer_.log(), 0,
                      "ipfence_geoip: no memory to read the databases; the old ones stay");
    }
    files->timer_.set(files->reading_ == nullptr ? kIntervalOfChecks : kIntervalOfReading);
}

std::uint64_t GeoipFiles::version_now() const {
    return version_of({paths_.country, paths_.asn});
}

void GeoipFiles::look() {
    if (reading_ != nullptr) {
        if (reading_->is_done()) {
            const auto reading = std::move(reading_);
            end_reading(*reading);
        }
        return;
    }
    if (freeing_ != nullptr && freeing_->is_done()) {
        freeing_.reset();
    }
    const std::uint64_t version = version_now();
    const bool is_settled = version == seen_;
    seen_ = version;
    const bool is_time = !is_put_off_ || ngx_current_msec - put_off_ >= kPauseBeforeOpeningAgain;
    if (version != version_ && is_settled && is_time) {
        reading_ = std::make_unique<BackgroundReading<Read>>([this] { return read(paths_); });
    }
}

void GeoipFiles::end_reading(BackgroundReading<Read> &reading) {
    try {
        take_up(reading.take());
    } catch (const std::bad_alloc &) {
        put_off("there is no memory to read them");
    }
}

void GeoipFiles::put_off(const std::string &why) {
    put_off_ = ngx_current_msec;
    if (!std::exchange(is_put_off_, true)) {
        ngx_log_error(NGX_LOG_ERR, timer_.log(), 0,
                      "ipfence_geoip: %s; the databases that were read before stay in use until "
                      "these can be read; it is tried again and again",
                      why.c_str());
    }
}

void GeoipFiles::take_up(Read databases) {
    if (version_now() != seen_) {
        return;  // half of one and half of another
    }
    if (!databases && databases.error().is_passing) {
        put_off(databases.error().message);
        return;
    }
    version_ = seen_;
    is_put_off_ = false;
    if (databases) {
        freeing_ = free_in_background(std::exchange(databases_, std::move(databases).value()));
        ngx_log_error(NGX_LOG_NOTICE, timer_.log(), 0,
                      "ipfence_geoip: the databases were read again");
        return;
    }
    const ngx_str_t text = ngx_view(databases.error().message);
    ngx_log_error(NGX_LOG_ERR, timer_.log(), 0,
                  "ipfence_geoip: %V; the databases that were read before stay in use", &text);
}

void warn_of_unknown_origins(ngx_conf_t *cf) {
    if (is_indifferent_to_files()) {
        return;
    }
    const auto *main = main_configuration(cf);
    const GeoipFiles::Paths none;
    const GeoipFiles::Paths &paths = main->geoip == nullptr ? none : main->geoip->paths();
    for (const PolicyFile *file : elements<PolicyFile *>(main->policies)) {
        if (file->current()->names_more_than(!paths.country.empty(), !paths.asn.empty())) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s\" names countries or asns of which no database of "
                          "\"ipfence_geoip\" says where they are, and no address is in one",
                          file->path().c_str());
        }
    }
}

}  // namespace ipfence::module
