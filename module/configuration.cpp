// Creation and merging of the configuration: defaults, inheritance, and what must hold of the
// whole.

#include "module/jwks_file.hpp"
#include "module/nginx.hpp"
#include "module/policy_file.hpp"

namespace {

constexpr std::size_t kDefaultLimit = 64 * 1024;

template <class... Object>
void unset_pointers(Object *&...pointers) noexcept {
    ((pointers = static_cast<Object *>(NGX_CONF_UNSET_PTR)), ...);
}

// "if" makes a location without a name inside the one that it is written in, and so is part of it.
bool is_part_of_parent(ngx_conf_t *cf) {
    const auto *core = static_cast<ngx_http_core_loc_conf_t *>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    return core->noname;
}

void inherit_kind(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t *conf,
                  const ngx_http_ipfence_loc_conf_t *prev) {
    conf->kind_is_here = prev->kind_is_here && is_part_of_parent(cf);
    conf->kind_value = prev->kind_value;
    conf->kind = (prev->kind == NGX_CONF_UNSET_UINT) ? static_cast<ngx_uint_t>(NGX_HTTP_IPFENCE_OFF)
                                                     : prev->kind;
    conf->kind_file = prev->kind_file;
    conf->kind_line = prev->kind_line;
}

void merge_kind(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t *conf,
                const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_ptr_value(conf->detections, prev->detections, nullptr);
    if (conf->kind == NGX_CONF_UNSET_UINT) {
        inherit_kind(cf, conf, prev);
    }
    conf->is_off = conf->kind == NGX_HTTP_IPFENCE_OFF && conf->detections == nullptr;
}

void merge_policies(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    if (conf->mode == NGX_CONF_UNSET_UINT) {
        conf->monitor_ends = prev->monitor_ends;
    }
    ngx_conf_merge_uint_value(conf->mode, prev->mode,
                              static_cast<ngx_uint_t>(NGX_HTTP_IPFENCE_ENFORCE));
    ngx_conf_merge_ptr_value(conf->policy, prev->policy, nullptr);
    ngx_conf_merge_ptr_value(conf->candidate, prev->candidate, nullptr);
}

void merge_client(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_ptr_value(conf->client_address, prev->client_address, nullptr);
    ngx_conf_merge_ptr_value(conf->trusted_proxies, prev->trusted_proxies, nullptr);
    ngx_conf_merge_str_value(conf->forwarded_header, prev->forwarded_header, "X-Forwarded-For");
    ngx_conf_merge_ptr_value(conf->apps, prev->apps, nullptr);
    ngx_conf_merge_ptr_value(conf->users, prev->users, nullptr);
}

void merge_sessions(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_ptr_value(conf->session_cookies, prev->session_cookies, nullptr);
    ngx_conf_merge_ptr_value(conf->device_cookie, prev->device_cookie, nullptr);
    ngx_conf_merge_ptr_value(conf->verified, prev->verified, nullptr);
}

void merge_provider(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_uint_value(conf->provider, prev->provider, 0);
    ngx_conf_merge_ptr_value(conf->jwks, prev->jwks, nullptr);
    ngx_conf_merge_ptr_value(conf->issuer, prev->issuer, nullptr);
    ngx_conf_merge_ptr_value(conf->audiences, prev->audiences, nullptr);
    ngx_conf_merge_str_value(conf->introspection, prev->introspection, "");
    ngx_conf_merge_str_value(conf->revocation, prev->revocation, "");
}

void merge_limits(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_ptr_value(conf->token_query, prev->token_query, nullptr);
    ngx_conf_merge_size_value(conf->body_limit, prev->body_limit, kDefaultLimit);
    ngx_conf_merge_size_value(conf->response_limit, prev->response_limit, kDefaultLimit);
}

void merge_audit(ngx_http_ipfence_loc_conf_t *conf, const ngx_http_ipfence_loc_conf_t *prev) {
    ngx_conf_merge_ptr_value(conf->audit, prev->audit, nullptr);
    ngx_conf_merge_ptr_value(conf->audit_syslog, prev->audit_syslog, nullptr);
}

// The directive is in that server, or around it.
char *say_without_policy(ngx_conf_t *cf, const char *what) {
    const auto *server = static_cast<const ngx_http_core_srv_conf_t *>(
        ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "%s a policy, and no \"ipfence_policy\" applies to it in the server of %s:%ui",
                  what, server->file_name, server->line);
    return static_cast<char *>(NGX_CONF_ERROR);
}

// Of a location that no policy applies to.
char *refuse_without_policy(ngx_conf_t *cf, const ngx_http_ipfence_loc_conf_t &conf) {
    if (conf.kind != NGX_HTTP_IPFENCE_OFF) {
        ngx_log_error(
            NGX_LOG_EMERG, cf->log, 0,
            "\"ipfence\" needs a policy, and no \"ipfence_policy\" applies to it in %V:%ui",
            &conf.kind_file, conf.kind_line);
        return static_cast<char *>(NGX_CONF_ERROR);
    }
    if (conf.shows_status) {
        return say_without_policy(cf, "\"ipfence_status\" shows");
    }
    return conf.detections != nullptr ? say_without_policy(cf, "\"ipfence_detect\" needs")
                                      : static_cast<char *>(NGX_CONF_OK);
}

void warn_of_any_audience(ngx_conf_t *cf, const ngx_http_ipfence_loc_conf_t &conf) {
    if (conf.kind != NGX_HTTP_IPFENCE_OFF && conf.jwks != nullptr && conf.issuer == nullptr &&
        conf.audiences == nullptr) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"ipfence_jwks\" without \"ipfence_issuer\" and \"ipfence_audience\" takes "
                      "every token that the provider signed, whoever it is for, in %V:%ui",
                      &conf.kind_file, conf.kind_line);
    }
}

// Of a server that names its proxies. One address for all who come by them may be one that is
// allowed.
void warn_of_idle_proxies(ngx_conf_t *cf) {
    const auto *server = static_cast<const ngx_http_core_srv_conf_t *>(
        ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
    ngx_log_error(
        NGX_LOG_WARN, cf->log, 0,
        "\"ipfence_trusted_proxies\" is not asked where \"ipfence_client_address\" is set, "
        "as it is for the server of %s:%ui",
        server->file_name, server->line);
}

}  // namespace

void *ngx_http_ipfence_create_main_conf(ngx_conf_t *cf) noexcept {
    auto *conf = ipfence::module::pool_zeroed<ngx_http_ipfence_main_conf_t>(cf->pool);
    if (conf == nullptr) {
        return nullptr;
    }
    if (ngx_array_init(&conf->policies, cf->pool, 2, sizeof(ipfence::module::PolicyFile *)) !=
            NGX_OK ||
        ngx_array_init(&conf->jwks_files, cf->pool, 2, sizeof(ipfence::module::JwksFile *)) !=
            NGX_OK ||
        ngx_array_init(&conf->audit_files, cf->pool, 2, sizeof(ipfence::module::AuditFile *)) !=
            NGX_OK ||
        ngx_array_init(&conf->providers, cf->pool, 1, sizeof(ngx_str_t)) != NGX_OK) {
        return nullptr;
    }
    // The provider that has no name; there is room for it.
    *static_cast<ngx_str_t *>(ngx_array_push(&conf->providers)) = ngx_null_string;
    return conf;
}

void *ngx_http_ipfence_create_srv_conf(ngx_conf_t *cf) noexcept {
    return ipfence::module::pool_zeroed<ngx_http_ipfence_srv_conf_t>(cf->pool);
}

void *ngx_http_ipfence_create_loc_conf(ngx_conf_t *cf) noexcept {
    auto *conf = ipfence::module::pool_zeroed<ngx_http_ipfence_loc_conf_t>(cf->pool);
    if (conf == nullptr) {
        return nullptr;
    }

    for (ngx_uint_t *number : {&conf->kind, &conf->mode, &conf->provider}) {
        *number = NGX_CONF_UNSET_UINT;
    }
    conf->body_limit = NGX_CONF_UNSET_SIZE;
    conf->response_limit = NGX_CONF_UNSET_SIZE;
    unset_pointers(conf->detections, conf->policy, conf->candidate, conf->client_address,
                   conf->trusted_proxies, conf->apps, conf->users, conf->token_query,
                   conf->session_cookies, conf->device_cookie, conf->verified, conf->jwks,
                   conf->issuer, conf->audiences, conf->audit, conf->audit_syslog);
    return conf;
}

char *ngx_http_ipfence_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child) noexcept {
    auto *prev = static_cast<ngx_http_ipfence_loc_conf_t *>(parent);
    auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(child);

    const bool names_proxies = conf->trusted_proxies != NGX_CONF_UNSET_PTR;
    merge_kind(cf, conf, prev);
    merge_policies(conf, prev);
    merge_client(conf, prev);
    merge_sessions(conf, prev);
    merge_provider(conf, prev);
    merge_limits(conf, prev);
    merge_audit(conf, prev);

    if (names_proxies && conf->client_address != nullptr) {
        warn_of_idle_proxies(cf);
    }
    if (conf->policy == nullptr) {
        return refuse_without_policy(cf, *conf);
    }
    if (prev->jwks != conf->jwks) {
        warn_of_any_audience(cf, *conf);
    }
    return NGX_CONF_OK;
}
