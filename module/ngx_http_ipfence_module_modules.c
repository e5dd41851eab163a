/*
 * What nginx's own build generates for a dynamic module: here for the build with CMake.  The order
 * puts the filters right after (so, in the running order, before) all of nginx's own but the copy
 * filter: bodies arrive in memory, and neither gzip nor the headers module has touched the response
 * yet.
 */

#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_module_t ngx_http_ipfence_module;

__attribute__((visibility("default")))
ngx_module_t *ngx_modules[] = {&ngx_http_ipfence_module, NULL};

__attribute__((visibility("default"))) char *ngx_module_names[] = {"ngx_http_ipfence_module", NULL};

__attribute__((visibility("default"))) char *ngx_module_order[] = {
    "ngx_http_ipfence_module", "ngx_http_copy_filter_module", NULL};
