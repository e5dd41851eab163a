#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// The handlers of a phase, of which nginx calls the last one first. For postconfiguration.
inline ngx_array_t &handlers_of(ngx_conf_t *cf, ngx_http_phases phase) noexcept {
    auto *core = static_cast<ngx_http_core_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    return core->phases[phase].handlers;
}

/// Adds a handler, which is called before those that are there. NGX_ERROR: there is no memory.
inline ngx_int_t add_handler(ngx_conf_t *cf, ngx_http_phases phase,
                             ngx_http_handler_pt handler) noexcept {
    auto *place = static_cast<ngx_http_handler_pt *>(ngx_array_push(&handlers_of(cf, phase)));
    if (place == nullptr) {
        return NGX_ERROR;
    }
    *place = handler;
    return NGX_OK;
}

}  // namespace ipfence::module
