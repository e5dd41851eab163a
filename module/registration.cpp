// Where the module takes its places in nginx: variables, phases, filters, upstreams.

#include <algorithm>
#include <span>

#include "module/end_of_request.hpp"
#include "module/error_log.hpp"
#include "module/gate.hpp"
#include "module/geoip_files.hpp"
#include "module/hold.hpp"
#include "module/nginx.hpp"
#include "module/request_body.hpp"
#include "module/shared_zone.hpp"
#include "module/status_board.hpp"
#include "module/upstream_guard.hpp"
#include "module/variables.hpp"

namespace {

ngx_array_t &handlers_of(ngx_conf_t *cf, ngx_http_phases phase) noexcept {
    auto *core = static_cast<ngx_http_core_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    return core->phases[phase].handlers;
}

ngx_int_t add_handler(ngx_conf_t *cf, ngx_http_phases phase, ngx_http_handler_pt handler) noexcept {
    auto *place = static_cast<ngx_http_handler_pt *>(ngx_array_push(&handlers_of(cf, phase)));
    if (place == nullptr) {
        return NGX_ERROR;
    }
    *place = handler;
    return NGX_OK;
}

// nginx runs the handlers of all phases from the last to the first, but those of the log phase: the
// access log would be written before this module has said its last word.
void put_last_log_handler_first(ngx_conf_t *cf) noexcept {
    const ngx_array_t &handlers = handlers_of(cf, NGX_HTTP_LOG_PHASE);
    const std::span all(static_cast<ngx_http_handler_pt *>(handlers.elts), handlers.nelts);
    std::ranges::rotate(all, all.end() - 1);
}

}  // namespace

ngx_int_t ngx_http_ipfence_preconfiguration(ngx_conf_t *cf) noexcept {
    return ipfence::module::add_variables(cf);
}

ngx_int_t ngx_http_ipfence_postconfiguration(ngx_conf_t *cf) noexcept {
    auto *conf = static_cast<ngx_http_ipfence_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_ipfence_module));

    if (add_handler(cf, NGX_HTTP_REWRITE_PHASE, ipfence::module::error_log_handler) != NGX_OK ||
        add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, ipfence::module::gate_handler) != NGX_OK ||
        add_handler(cf, NGX_HTTP_LOG_PHASE, ipfence::module::end_of_request_handler) != NGX_OK) {
        return NGX_ERROR;
    }
    put_last_log_handler_first(cf);

    ngx_str_t request_id = ngx_string("request_id");
    conf->request_id_index = ngx_http_get_variable_index(cf, &request_id);
    if (conf->request_id_index == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ipfence::module::make_board(cf) != NGX_OK || ipfence::module::open_zone(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    ipfence::module::warn_of_unknown_origins(cf);
    ipfence::module::install_body_limit();
    ipfence::module::install_response_filters();
    ipfence::module::install_upstream_guards(cf);
    return NGX_OK;
}
