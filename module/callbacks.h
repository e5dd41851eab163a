/*
 * Everything that nginx calls: the boundary between nginx's C and the module's C++.  No callback
 * lets an exception through; a failure becomes a verdict, never NGX_DECLINED.
 */

#ifndef NGX_HTTP_IPFENCE_CALLBACKS_H
#define NGX_HTTP_IPFENCE_CALLBACKS_H

#ifdef __cplusplus
#define NGX_HTTP_IPFENCE_NOEXCEPT noexcept
extern "C" {
#else
#define NGX_HTTP_IPFENCE_NOEXCEPT
#endif

/* configuration.cpp */
void *ngx_http_ipfence_create_main_conf(ngx_conf_t *cf) NGX_HTTP_IPFENCE_NOEXCEPT;
void *ngx_http_ipfence_create_srv_conf(ngx_conf_t *cf) NGX_HTTP_IPFENCE_NOEXCEPT;
void *ngx_http_ipfence_create_loc_conf(ngx_conf_t *cf) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_merge_loc_conf(ngx_conf_t *cf, void *parent,
                                      void *child) NGX_HTTP_IPFENCE_NOEXCEPT;

/* registration.cpp */
ngx_int_t ngx_http_ipfence_preconfiguration(ngx_conf_t *cf) NGX_HTTP_IPFENCE_NOEXCEPT;
ngx_int_t ngx_http_ipfence_postconfiguration(ngx_conf_t *cf) NGX_HTTP_IPFENCE_NOEXCEPT;

/* directives.cpp; here and below: the setters of the directives that none of nginx's own slots
 * reads */
char *ngx_http_ipfence_set_kind(ngx_conf_t *cf, ngx_command_t *cmd,
                                void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_token_query(ngx_conf_t *cf, ngx_command_t *cmd,
                                       void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_policy(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_trusted_proxies(ngx_conf_t *cf, ngx_command_t *cmd,
                                           void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_client_address(ngx_conf_t *cf, ngx_command_t *cmd,
                                          void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_forwarded_header(ngx_conf_t *cf, ngx_command_t *cmd,
                                            void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_location(ngx_conf_t *cf, ngx_command_t *cmd,
                                    void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_values(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_guard(ngx_conf_t *cf, ngx_command_t *cmd,
                                 void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* detection_directive.cpp */
char *ngx_http_ipfence_set_detect(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* geoip_directive.cpp */
char *ngx_http_ipfence_set_geoip(ngx_conf_t *cf, ngx_command_t *cmd,
                                 void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* status_page.cpp */
char *ngx_http_ipfence_set_status(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* store_directive.cpp */
char *ngx_http_ipfence_set_store(ngx_conf_t *cf, ngx_command_t *cmd,
                                 void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* audit_directive.cpp */
char *ngx_http_ipfence_set_audit(ngx_conf_t *cf, ngx_command_t *cmd,
                                 void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* mode_directive.cpp */
char *ngx_http_ipfence_set_mode(ngx_conf_t *cf, ngx_command_t *cmd,
                                void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* session_directives.cpp */
char *ngx_http_ipfence_set_zone(ngx_conf_t *cf, ngx_command_t *cmd,
                                void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_provider(ngx_conf_t *cf, ngx_command_t *cmd,
                                    void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_session_cookie(ngx_conf_t *cf, ngx_command_t *cmd,
                                          void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_device_cookie(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *data) NGX_HTTP_IPFENCE_NOEXCEPT;
char *ngx_http_ipfence_set_jwks(ngx_conf_t *cf, ngx_command_t *cmd,
                                void *data) NGX_HTTP_IPFENCE_NOEXCEPT;

/* processes.cpp: the configuration is read; a worker begins and ends; the master ends, and writes
 * the zone's snapshot */
ngx_int_t ngx_http_ipfence_init_module(ngx_cycle_t *cycle) NGX_HTTP_IPFENCE_NOEXCEPT;
ngx_int_t ngx_http_ipfence_init_process(ngx_cycle_t *cycle) NGX_HTTP_IPFENCE_NOEXCEPT;
void ngx_http_ipfence_exit_process(ngx_cycle_t *cycle) NGX_HTTP_IPFENCE_NOEXCEPT;
void ngx_http_ipfence_exit_master(ngx_cycle_t *cycle) NGX_HTTP_IPFENCE_NOEXCEPT;

extern ngx_module_t ngx_http_ipfence_module;

#ifdef __cplusplus
}
#endif

#endif
