/*
 * The module's configuration, as nginx's directive slots fill it.  Shared by the C shim, which needs
 * the offsets, and the C++ code, which needs the types.  All memory is the configuration pool's; the
 * engine's objects behind the pointers are freed by a cleanup of that pool.
 */

#ifndef NGX_HTTP_IPFENCE_CONFIGURATION_H
#define NGX_HTTP_IPFENCE_CONFIGURATION_H

#ifdef __cplusplus
namespace ipfence {
class Policy;
class RangeTable;
}  // namespace ipfence
typedef const ipfence::Policy ngx_http_ipfence_policy_t;
typedef const ipfence::RangeTable ngx_http_ipfence_ranges_t;
#else
typedef struct ngx_http_ipfence_policy_s ngx_http_ipfence_policy_t;
typedef struct ngx_http_ipfence_ranges_s ngx_http_ipfence_ranges_t;
#endif

#define NGX_HTTP_IPFENCE_MONITOR 0
#define NGX_HTTP_IPFENCE_ENFORCE 1

/* What the requests of a location are (directive "ipfence"). */
typedef enum {
    NGX_HTTP_IPFENCE_OFF = 0,
    NGX_HTTP_IPFENCE_TOKEN,
    NGX_HTTP_IPFENCE_VARIABLE, /* evaluated for each request */
    NGX_HTTP_IPFENCE_UNKNOWN   /* what a variable may evaluate to: denied */
} ngx_http_ipfence_kind_e;

typedef struct {
    ngx_array_t policies;        /* of PolicyFile: a file named twice is read once */
    ngx_int_t request_id_index;  /* of the variable $request_id */
} ngx_http_ipfence_main_conf_t;

typedef struct {
    ngx_flag_t guard; /* "ipfence_guard" in this upstream block */
    ngx_http_upstream_init_peer_pt original_init_peer;
} ngx_http_ipfence_srv_conf_t;

typedef struct {
    ngx_uint_t kind; /* ngx_http_ipfence_kind_e, or NGX_CONF_UNSET_UINT */
    ngx_http_complex_value_t *kind_value;
    unsigned kind_is_here : 1; /* "ipfence" is written in this very location, not inherited */
    ngx_str_t kind_file;       /* where it is written, for messages */
    ngx_uint_t kind_line;

    ngx_uint_t mode;
    ngx_http_ipfence_policy_t *policy;
    ngx_http_complex_value_t *client_address;
    ngx_http_ipfence_ranges_t *trusted_proxies;
    ngx_str_t forwarded_header;
    ngx_array_t *apps;  /* of ngx_http_complex_value_t */
    ngx_array_t *users; /* of ngx_http_complex_value_t */
    size_t body_limit;
    size_t response_limit;
    ngx_open_file_t *audit; /* NULL: off */
} ngx_http_ipfence_loc_conf_t;

#endif
