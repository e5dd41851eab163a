#include "module/upstream_guard.hpp"

#include "module/error_log.hpp"
#include "module/part_of_parent.hpp"
#include "module/protocol_change.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

namespace {

ngx_http_ipfence_srv_conf_t *guard_configuration(ngx_http_upstream_srv_conf_t *upstream) noexcept {
    return static_cast<ngx_http_ipfence_srv_conf_t *>(
        ngx_http_conf_upstream_srv_conf(upstream, ngx_http_ipfence_module));
}

bool is_off_here(ngx_http_request_t *r) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    return conf->is_off && conf->kind_is_here;
}

const RequestState *state_deciding(ngx_http_request_t *r) noexcept {
    const RequestState *state = find_state(r);
    return state == nullptr && is_part_of_parent(r) ? find_state(r->parent) : state;
}

// Why the request may not use the upstream; null when it may.
const char *objection_to(ngx_http_request_t *r) noexcept {
    if (r->method == NGX_HTTP_CONNECT) {
        return "it asks for a tunnel, in which nothing is decided";
    }
    const RequestState *state = state_deciding(r);
    if (state != nullptr && state->is_of_gate() && state->is_stamped()) {
        return nullptr;
    }
    const RequestState *of_main = find_state(r->main);
    if (of_main != nullptr && of_main->denied) {
        return "it was denied, and a denial is final";
    }
    if (is_off_here(r)) {
        return nullptr;
    }
    if (state == nullptr || !state->is_stamped()) {
        return "ipfence made no decision for its URI; write \"ipfence\" in the location that it is "
               "in, or \"ipfence off\" where nothing is to be decided";
    }
    return state->denied ? "it was denied, and a denial is final" : nullptr;
}

// An enforced denial stays one in a location that only monitors.
bool is_binding(ngx_http_request_t *r) noexcept {
    const RequestState *of_main = find_state(r->main);
    return is_enforced(*location_configuration(r)) || (of_main != nullptr && of_main->denied);
}

ngx_int_t guard_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *upstream) noexcept {
    if (const char *objection = objection_to(r)) {
        const bool binding = is_binding(r);
        keep_secrets_from_error_log(r);
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "ipfence_guard: %s a request may not use upstream \"%V\": %s",
                      binding ? "refused," : "monitor mode, not refused,", &upstream->host,
                      objection);
        if (binding) {
            return NGX_ERROR;
        }
    }
    if (is_binding(r)) {
        keep_to_this_http(r);
    }
    return guard_configuration(upstream)->original_init_peer(r, upstream);
}

}  // namespace

void install_upstream_guards(ngx_conf_t *cf) noexcept {
    auto *upstreams = static_cast<ngx_http_upstream_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module));

    for (ngx_http_upstream_srv_conf_t *upstream :
         elements<ngx_http_upstream_srv_conf_t *>(upstreams->upstreams)) {
        // An address written into proxy_pass makes an upstream without a block of its own.
        if (upstream->srv_conf == nullptr) {
            continue;
        }
        ngx_http_ipfence_srv_conf_t *conf = guard_configuration(upstream);
        if (conf->guard) {
            conf->original_init_peer = upstream->peer.init;
            upstream->peer.init = guard_peer;
        }
    }
}

}  // namespace ipfence::module
