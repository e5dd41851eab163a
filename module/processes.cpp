// What the module does where a process of nginx's begins and ends.

#include <span>

#include "module/audit_file.hpp"
#include "module/audit_losses.hpp"
#include "module/exceptions.hpp"
#include "module/geoip_files.hpp"
#include "module/nginx.hpp"
#include "module/policy_file.hpp"
#include "module/policy_reading.hpp"
#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"
#include "module/status_board.hpp"

namespace {

// Null where there is no http block.
const ngx_http_ipfence_main_conf_t *main_conf_of(const ngx_cycle_t *cycle) noexcept {
    const auto *context = static_cast<ngx_http_conf_ctx_t *>(
        static_cast<void *>(ngx_get_conf(cycle->conf_ctx, ngx_http_module)));
    return context == nullptr ? nullptr
                              : static_cast<ngx_http_ipfence_main_conf_t *>(
                                    context->main_conf[ngx_http_ipfence_module.ctx_index]);
}

// What a list of the configuration holds; nothing where there is no http block.
template <class T>
std::span<T *> listed(const ngx_cycle_t *cycle,
                      ngx_array_t ngx_http_ipfence_main_conf_t::*list) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr ? std::span<T *>{} : ipfence::module::elements<T *>(conf->*list);
}

std::span<ipfence::module::PolicyFile *> policies_of(const ngx_cycle_t *cycle) noexcept {
    return listed<ipfence::module::PolicyFile>(cycle, &ngx_http_ipfence_main_conf_t::policies);
}

std::span<ipfence::module::AuditFile *> audit_files_of(const ngx_cycle_t *cycle) noexcept {
    return listed<ipfence::module::AuditFile>(cycle, &ngx_http_ipfence_main_conf_t::audit_files);
}

// The file's data would say which it is, but is the access log's.
void on_reopen(ngx_open_file_t *file, ngx_log_t *log) noexcept {
    const auto *cycle = const_cast<const ngx_cycle_t *>(ngx_cycle);
    for (ipfence::module::AuditFile *audit : audit_files_of(cycle)) {
        if (&audit->file() == file) {
            audit->before_reopening(log);
        }
    }
}

ipfence::StatusBoard *board_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr || conf->board == nullptr ? nullptr : &conf->board->board();
}

ipfence::module::GeoipFiles *geoip_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr ? nullptr : conf->geoip;
}

ipfence::module::SharedZone *zone_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr ? nullptr : conf->zone;
}

ipfence::module::SharedStore *store_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr ? nullptr : conf->store;
}

// Not the processes that look after nginx's caches, which are begun in the same way.
bool serves_requests() noexcept {
    return ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
}

}  // namespace

// Only now is it known how many workers there will be. A failure here would end a running nginx.
ngx_int_t ngx_http_ipfence_init_module(ngx_cycle_t *cycle) noexcept {
    (void)ipfence::module::reserve_exceptions();
    const auto *core = static_cast<ngx_core_conf_t *>(
        static_cast<void *>(ngx_get_conf(cycle->conf_ctx, ngx_core_module)));
    const auto workers = core->master ? static_cast<std::size_t>(core->worker_processes) : 1;
    for (ipfence::module::AuditFile *file : audit_files_of(cycle)) {
        file->make_buffers(workers, on_reopen, cycle->log);
    }
    if (!policies_of(cycle).empty()) {
        ipfence::module::PolicyReading::allow_hurry();
    }
    return NGX_OK;
}

ngx_int_t ngx_http_ipfence_init_process(ngx_cycle_t *cycle) noexcept {
    if (serves_requests()) {
        ipfence::module::audit_losses.begin_worker(board_of(cycle));
        for (ipfence::module::AuditFile *file : audit_files_of(cycle)) {
            file->begin_worker(cycle);
        }
        for (ipfence::module::PolicyFile *policy : policies_of(cycle)) {
            policy->begin_worker(cycle);
        }
        if (ipfence::module::GeoipFiles *geoip = geoip_of(cycle)) {
            geoip->begin_worker(cycle);
        }
        if (ipfence::module::SharedZone *zone = zone_of(cycle)) {
            zone->begin_worker(cycle);
        }
        if (ipfence::module::SharedStore *store = store_of(cycle)) {
            store->begin_worker();
        }
    }
    return NGX_OK;
}

void ngx_http_ipfence_exit_process(ngx_cycle_t *cycle) noexcept {
    if (serves_requests()) {
        if (ipfence::module::SharedStore *store = store_of(cycle)) {
            store->end_worker();
        }
        if (ipfence::module::SharedZone *zone = zone_of(cycle)) {
            zone->end_worker();
        }
        for (ipfence::module::PolicyFile *policy : policies_of(cycle)) {
            policy->end_worker();
        }
        if (ipfence::module::GeoipFiles *geoip = geoip_of(cycle)) {
            geoip->end_worker();
        }
        for (ipfence::module::AuditFile *file : audit_files_of(cycle)) {
            file->end_worker(cycle->log);
        }
    }
}

void ngx_http_ipfence_exit_master(ngx_cycle_t *cycle) noexcept {
    for (ipfence::module::AuditFile *file : audit_files_of(cycle)) {
        file->end_master(cycle->log);
    }
    if (const ipfence::module::SharedZone *zone = zone_of(cycle)) {
        zone->write_snapshot(cycle->log);
    }
}
