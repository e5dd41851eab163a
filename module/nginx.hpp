#pragma once

// The one place where C++ meets nginx's headers, and the few conversions between the two worlds.

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

#include <span>
#include <string_view>

#include "module/configuration.h"

#include "module/callbacks.h"

namespace ipfence::module {

/// The bytes of a text or of a variable's value, of nginx's.
inline std::string_view view(const ngx_str_t &text) noexcept {
    return {reinterpret_cast<const char *>(text.data), text.len};
}

inline std::string_view view(const ngx_http_variable_value_t &value) noexcept {
    return {reinterpret_cast<const char *>(value.data), value.len};
}

/// nginx's view of the same bytes as a text has. nginx's structures are not const-correct: nobody
/// writes to them.
inline ngx_str_t ngx_view(std::string_view text) noexcept {
    return {text.size(), reinterpret_cast<u_char *>(const_cast<char *>(text.data()))};
}

/// A function of C's, which throws nothing. To say so lets a function that may not throw either end
/// with a jump to it.
template <class Result, class... Arguments>
auto c_function(Result (*function)(Arguments...)) noexcept {
    return reinterpret_cast<Result (*)(Arguments...) noexcept>(function);
}

/// The module's configuration of the location that the request is in now.
inline ngx_http_ipfence_loc_conf_t *location_configuration(ngx_http_request_t *r) noexcept {
    return static_cast<ngx_http_ipfence_loc_conf_t *>(
        ngx_http_get_module_loc_conf(r, ngx_http_ipfence_module));
}

/// The module's configuration of the http block.
inline ngx_http_ipfence_main_conf_t *main_configuration(const ngx_http_request_t *r) noexcept {
    return static_cast<ngx_http_ipfence_main_conf_t *>(
        ngx_http_get_module_main_conf(r, ngx_http_ipfence_module));
}

/// The same, while it is read.
inline ngx_http_ipfence_main_conf_t *main_configuration(ngx_conf_t *cf) noexcept {
    return static_cast<ngx_http_ipfence_main_conf_t *>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_ipfence_module));
}

/// What an array of nginx's holds, while nothing is pushed to it.
template <class T>
std::span<T> elements(const ngx_array_t &array) noexcept {
    return {static_cast<T *>(array.elts), array.nelts};
}

/// Whether decisions here have a line in some audit log.
inline bool is_audited(const ngx_http_ipfence_loc_conf_t &conf) noexcept {
    return conf.audit != nullptr || conf.audit_syslog != nullptr;
}

/// Whether verdicts are carried out from now on: `ipfence_mode enforce`, or `monitor` that is over.
inline bool is_enforced(const ngx_http_ipfence_loc_conf_t &conf) noexcept {
    return conf.mode == NGX_HTTP_IPFENCE_ENFORCE ||
           (conf.monitor_ends != 0 && ngx_current_msec >= conf.monitor_ends);
}

/// `count` objects of T in the pool, zeroed; null when there is no memory.
template <class T>
T *pool_zeroed(ngx_pool_t *pool, std::size_t count = 1) noexcept {
    return static_cast<T *>(ngx_pcalloc(pool, count * sizeof(T)));
}

}  // namespace ipfence::module
