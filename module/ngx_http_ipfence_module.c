/*
 * The C shim: the module and its directive table.  No logic: every function named here is in the
 * C++ file that callbacks.h names.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "module/configuration.h"

#include "module/callbacks.h"

#define IPFENCE_ANY (NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF)
#define IPFENCE_SERVER (NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF)

static ngx_command_t ngx_http_ipfence_commands[] = {

    {ngx_string("ipfence"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_ipfence_set_kind,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_detect"), IPFENCE_ANY | NGX_CONF_2MORE, ngx_http_ipfence_set_detect,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_mode"), IPFENCE_ANY | NGX_CONF_TAKE12, ngx_http_ipfence_set_mode,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_policy"), IPFENCE_SERVER | NGX_CONF_TAKE1, ngx_http_ipfence_set_policy,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, policy), NULL},

    {ngx_string("ipfence_candidate"), IPFENCE_SERVER | NGX_CONF_TAKE1, ngx_http_ipfence_set_policy,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, candidate), NULL},

    {ngx_string("ipfence_guard"), NGX_HTTP_UPS_CONF | NGX_CONF_NOARGS, ngx_http_ipfence_set_guard,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_trusted_proxies"), IPFENCE_SERVER | NGX_CONF_1MORE,
     ngx_http_ipfence_set_trusted_proxies, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_forwarded_header"), IPFENCE_SERVER | NGX_CONF_TAKE1,
     ngx_http_ipfence_set_forwarded_header, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_client_address"), IPFENCE_ANY | NGX_CONF_TAKE1,
     ngx_http_ipfence_set_client_address, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(ngx_http_ipfence_loc_conf_t, client_address), NULL},

    {ngx_string("ipfence_app"), IPFENCE_ANY | NGX_CONF_1MORE, ngx_http_ipfence_set_values,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, apps), NULL},

    {ngx_string("ipfence_user"), IPFENCE_ANY | NGX_CONF_1MORE, ngx_http_ipfence_set_values,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, users), NULL},

    {ngx_string("ipfence_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, ngx_http_ipfence_set_zone,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_provider"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_ipfence_set_provider,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_store"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE, ngx_http_ipfence_set_store,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_geoip"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, ngx_http_ipfence_set_geoip,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_http_ipfence_set_status,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_token_query"), IPFENCE_ANY | NGX_CONF_1MORE,
     ngx_http_ipfence_set_token_query, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_session_cookie"), IPFENCE_ANY | NGX_CONF_1MORE,
     ngx_http_ipfence_set_session_cookie, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_device_cookie"), IPFENCE_ANY | NGX_CONF_TAKE23,
     ngx_http_ipfence_set_device_cookie, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_verified"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, verified), NULL},

    {ngx_string("ipfence_jwks"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_ipfence_set_jwks,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("ipfence_issuer"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, issuer), NULL},

    {ngx_string("ipfence_audience"), IPFENCE_ANY | NGX_CONF_1MORE, ngx_http_ipfence_set_values,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, audiences), NULL},

    {ngx_string("ipfence_introspection"), IPFENCE_ANY | NGX_CONF_TAKE1,
     ngx_http_ipfence_set_location, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(ngx_http_ipfence_loc_conf_t, introspection), NULL},

    {ngx_string("ipfence_revocation"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_http_ipfence_set_location,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, revocation), NULL},

    {ngx_string("ipfence_body_limit"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_conf_set_size_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, body_limit), NULL},

    {ngx_string("ipfence_response_limit"), IPFENCE_ANY | NGX_CONF_TAKE1, ngx_conf_set_size_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, response_limit), NULL},

    {ngx_string("ipfence_audit"), IPFENCE_ANY | NGX_CONF_TAKE123, ngx_http_ipfence_set_audit,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_ipfence_loc_conf_t, audit), NULL},

    ngx_null_command};

static ngx_http_module_t ngx_http_ipfence_module_ctx = {
    ngx_http_ipfence_preconfiguration,  /* preconfiguration */
    ngx_http_ipfence_postconfiguration, /* postconfiguration */

    ngx_http_ipfence_create_main_conf, /* create main configuration */
    NULL,                              /* init main configuration */

    ngx_http_ipfence_create_srv_conf, /* create server configuration */
    NULL,                             /* merge server configuration */

    ngx_http_ipfence_create_loc_conf, /* create location configuration */
    ngx_http_ipfence_merge_loc_conf   /* merge location configuration */
};

ngx_module_t ngx_http_ipfence_module = {NGX_MODULE_V1,
                                        &ngx_http_ipfence_module_ctx,  /* module context */
                                        ngx_http_ipfence_commands,     /* module directives */
                                        NGX_HTTP_MODULE,               /* module type */
                                        NULL,                          /* init master */
                                        ngx_http_ipfence_init_module,  /* init module */
                                        ngx_http_ipfence_init_process, /* init process */
                                        NULL,                          /* init thread */
                                        NULL,                          /* exit thread */
                                        ngx_http_ipfence_exit_process, /* exit process */
                                        ngx_http_ipfence_exit_master,  /* exit master */
                                        NGX_MODULE_V1_PADDING};
