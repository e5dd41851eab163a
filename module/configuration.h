/*
 * The module's configuration, as nginx's directive slots fill it.  Shared by the C shim, which
 * needs the offsets, and the C++ code, which needs the types.  All memory is the configuration
 * pool's; the engine's objects behind the pointers are freed by a cleanup of that pool.
 */

#ifndef NGX_HTTP_IPFENCE_CONFIGURATION_H
#define NGX_HTTP_IPFENCE_CONFIGURATION_H

#ifdef __cplusplus
namespace ipfence {
class DeviceKeys;
class RangeTable;
namespace module {
class AuditFile;
class JwksFile;
class MonitorPeriods;
class GeoipFiles;
class PolicyFile;
class SharedBoard;
class SharedStore;
class SharedZone;
}  // namespace module
}  // namespace ipfence
typedef ipfence::module::AuditFile ngx_http_ipfence_audit_file_t;
typedef const ipfence::DeviceKeys ngx_http_ipfence_device_keys_t;
typedef ipfence::module::PolicyFile ngx_http_ipfence_policy_t;
typedef const ipfence::RangeTable ngx_http_ipfence_ranges_t;
typedef ipfence::module::JwksFile ngx_http_ipfence_jwks_t;
typedef ipfence::module::MonitorPeriods ngx_http_ipfence_periods_t;
typedef ipfence::module::SharedStore ngx_http_ipfence_store_t;
typedef ipfence::module::SharedZone ngx_http_ipfence_zone_t;
typedef ipfence::module::GeoipFiles ngx_http_ipfence_geoip_t;
typedef ipfence::module::SharedBoard ngx_http_ipfence_board_t;
#else
typedef struct ngx_http_ipfence_audit_file_s ngx_http_ipfence_audit_file_t;
typedef struct ngx_http_ipfence_device_keys_s ngx_http_ipfence_device_keys_t;
typedef struct ngx_http_ipfence_policy_s ngx_http_ipfence_policy_t;
typedef struct ngx_http_ipfence_ranges_s ngx_http_ipfence_ranges_t;
typedef struct ngx_http_ipfence_jwks_s ngx_http_ipfence_jwks_t;
typedef struct ngx_http_ipfence_periods_s ngx_http_ipfence_periods_t;
typedef struct ngx_http_ipfence_store_s ngx_http_ipfence_store_t;
typedef struct ngx_http_ipfence_zone_s ngx_http_ipfence_zone_t;
typedef struct ngx_http_ipfence_geoip_s ngx_http_ipfence_geoip_t;
typedef struct ngx_http_ipfence_board_s ngx_http_ipfence_board_t;
#endif

#define NGX_HTTP_IPFENCE_MONITOR 0
#define NGX_HTTP_IPFENCE_ENFORCE 1

/* What the requests of a location are (directive "ipfence"). */
typedef enum {
    NGX_HTTP_IPFENCE_OFF = 0,
    NGX_HTTP_IPFENCE_TOKEN,
    NGX_HTTP_IPFENCE_AUTHORIZATION,
    NGX_HTTP_IPFENCE_RESOURCE,
    NGX_HTTP_IPFENCE_PASSWORD_CHANGE,
    NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION,
    NGX_HTTP_IPFENCE_LOGIN_FLOW,
    NGX_HTTP_IPFENCE_VERIFICATION,
    NGX_HTTP_IPFENCE_REVOCATION,
    NGX_HTTP_IPFENCE_LOGOUT,
    NGX_HTTP_IPFENCE_VARIABLE, /* evaluated for each request */
    NGX_HTTP_IPFENCE_UNKNOWN   /* what a variable may evaluate to: denied */
} ngx_http_ipfence_kind_e;

/* What "ipfence_zone" says; an empty name: nothing. */
typedef struct {
    ngx_str_t name;
    size_t size;
    ngx_str_t snapshot; /* empty: none */
} ngx_http_ipfence_zone_words_t;

typedef struct {
    ngx_array_t policies;    /* of PolicyFile *: a file named twice is read once */
    ngx_array_t jwks_files;  /* of JwksFile *: likewise */
    ngx_array_t audit_files; /* of AuditFile *: likewise opened once */
    ngx_http_ipfence_periods_t *monitor_periods; /* NULL: "ipfence_mode" names none */
    ngx_array_t providers;      /* of ngx_str_t, the first one empty: "ipfence_provider" */
    ngx_int_t request_id_index; /* of the variable $request_id */
    ngx_http_ipfence_zone_words_t zone_words;
    ngx_http_ipfence_zone_t *zone;                 /* NULL: nothing is remembered */
    ngx_http_ipfence_store_t *store;               /* NULL: nothing is shared with other nodes */
    ngx_http_ipfence_board_t *board;               /* NULL: there is no policy */
    ngx_http_ipfence_geoip_t *geoip;               /* NULL: nobody knows where addresses are */
    ngx_http_handler_pt displaced_rewrite_handler; /* NULL: the gate's own is beside the others */
} ngx_http_ipfence_main_conf_t;

typedef struct {
    ngx_flag_t guard; /* "ipfence_guard" in this upstream block */
    ngx_http_upstream_init_peer_pt original_init_peer;
} ngx_http_ipfence_srv_conf_t;

typedef struct {
    ngx_str_t name;
    ngx_http_ipfence_device_keys_t *keys;
    time_t ttl; /* seconds */
} ngx_http_ipfence_device_cookie_t;

/* A request that carries all of these parameters is of this kind ("ipfence_detect"). */
typedef struct {
    ngx_uint_t kind;         /* ngx_http_ipfence_kind_e */
    ngx_str_t method;        /* empty: any */
    ngx_array_t *parameters; /* of ngx_str_t */
} ngx_http_ipfence_detection_t;

typedef struct {
    ngx_uint_t kind; /* ngx_http_ipfence_kind_e, or NGX_CONF_UNSET_UINT */
    ngx_http_complex_value_t *kind_value;
    ngx_array_t *detections;   /* of ngx_http_ipfence_detection_t; NULL: none */
    unsigned shows_status : 1; /* "ipfence_status" is written here */
    unsigned kind_is_here : 1; /* "ipfence" is written in this very location, not inherited */
    unsigned is_off : 1;       /* of kind "off", whatever the parameters are */
    ngx_str_t kind_file;       /* where it is written, for messages */
    ngx_uint_t kind_line;

    ngx_uint_t mode;
    ngx_msec_t monitor_ends; /* of ngx_current_msec; 0: never */
    ngx_http_ipfence_policy_t *policy;
    ngx_http_ipfence_policy_t *candidate; /* NULL: none */
    ngx_http_complex_value_t *client_address;
    ngx_http_ipfence_ranges_t *trusted_proxies;
    ngx_str_t forwarded_header;
    ngx_array_t *apps;            /* of ngx_http_complex_value_t */
    ngx_array_t *users;           /* of ngx_http_complex_value_t */
    ngx_array_t *token_query;     /* of ngx_str_t */
    ngx_array_t *session_cookies; /* of ngx_str_t */
    ngx_http_ipfence_device_cookie_t *device_cookie;
    ngx_http_complex_value_t *verified;
    ngx_http_ipfence_jwks_t *jwks;
    ngx_uint_t provider; /* an index of the main configuration's */
    ngx_http_complex_value_t *issuer;
    ngx_array_t *audiences;  /* of ngx_http_complex_value_t */
    ngx_str_t introspection; /* a URI; empty: none */
    ngx_str_t revocation;    /* likewise */
    size_t body_limit;
    size_t response_limit;
    ngx_http_ipfence_audit_file_t *audit; /* NULL: not to a file */
    ngx_syslog_peer_t *audit_syslog;      /* NULL: not to syslog */
} ngx_http_ipfence_loc_conf_t;

#endif
