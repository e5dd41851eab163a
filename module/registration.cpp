// Where the module takes its places in nginx: variables, phases, filters, upstreams.

#include "module/error_log.hpp"
#include "module/gate.hpp"
#include "module/geoip_files.hpp"
#include "module/hold.hpp"
#include "module/nginx.hpp"
#include "module/phase_handlers.hpp"
#include "module/request_body.hpp"
#include "module/shared_zone.hpp"
#include "module/status_board.hpp"
#include "module/upstream_guard.hpp"
#include "module/variables.hpp"

ngx_int_t ngx_http_ipfence_preconfiguration(ngx_conf_t *cf) noexcept {
    return ipfence::module::add_variables(cf);
}

ngx_int_t ngx_http_ipfence_postconfiguration(ngx_conf_t *cf) noexcept {
    auto *conf = ipfence::module::main_configuration(cf);

    if (ipfence::module::install_error_log(cf) != NGX_OK ||
        ipfence::module::add_handler(cf, NGX_HTTP_PRECONTENT_PHASE,
                                     ipfence::module::gate_handler) != NGX_OK) {
        return NGX_ERROR;
    }

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
