// What the module does where a process of nginx's begins and ends.

#include <span>

#include "module/geoip_files.hpp"
#include "module/nginx.hpp"
#include "module/policy_file.hpp"
#include "module/shared_store.hpp"
#include "module/shared_zone.hpp"

namespace {

// Null where there is no http block.
const ngx_http_ipfence_main_conf_t *main_conf_of(const ngx_cycle_t *cycle) noexcept {
    const auto *context = static_cast<ngx_http_conf_ctx_t *>(
        static_cast<void *>(ngx_get_conf(cycle->conf_ctx, ngx_http_module)));
    return context == nullptr ? nullptr
                              : static_cast<ngx_http_ipfence_main_conf_t *>(
                                    context->main_conf[ngx_http_ipfence_module.ctx_index]);
}

std::span<ipfence::module::PolicyFile *> policies_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr
               ? std::span<ipfence::module::PolicyFile *>{}
               : std::span(static_cast<ipfence::module::PolicyFile **>(conf->policies.elts),
                           conf->policies.nelts);
}

ipfence::module::GeoipFiles *geoip_of(const ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    return conf == nullptr ? nullptr : conf->geoip;
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

ngx_int_t ngx_http_ipfence_init_process(ngx_cycle_t *cycle) noexcept {
    if (serves_requests()) {
        for (ipfence::module::PolicyFile *policy : policies_of(cycle)) {
            policy->begin_worker(cycle);
        }
        if (ipfence::module::GeoipFiles *geoip = geoip_of(cycle)) {
            geoip->begin_worker(cycle);
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
        for (ipfence::module::PolicyFile *policy : policies_of(cycle)) {
            policy->end_worker();
        }
        if (ipfence::module::GeoipFiles *geoip = geoip_of(cycle)) {
            geoip->end_worker();
        }
    }
}

void ngx_http_ipfence_exit_master(ngx_cycle_t *cycle) noexcept {
    const ngx_http_ipfence_main_conf_t *conf = main_conf_of(cycle);
    if (conf != nullptr && conf->zone != nullptr) {
        conf->zone->write_snapshot(cycle->log);
    }
}
