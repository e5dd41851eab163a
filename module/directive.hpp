#pragma once

#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "module/boundary.hpp"
#include "module/nginx.hpp"

// What the setters of directives have in common.

namespace ipfence::module {

// NGX_CONF_ERROR is a macro with a cast that C++ does not take for a char pointer.
inline char *const kError = static_cast<char *>(NGX_CONF_ERROR);

inline constexpr const char *kDuplicate = "is duplicate";

/// A setter's message, which nginx shows after the directive's name.
inline char *message(const char *text) noexcept {
    return const_cast<char *>(text);
}

/// The directive's words after its name.
inline std::span<ngx_str_t> arguments(ngx_conf_t *cf) noexcept {
    return std::span(static_cast<ngx_str_t *>(cf->args->elts), cf->args->nelts).subspan(1);
}

/// Runs a setter; an exception is a logged NGX_CONF_ERROR.
template <class Setter>
char *directive(ngx_conf_t *cf, Setter &&setter) noexcept {
    return boundary(cf->log, kError, std::forward<Setter>(setter));
}

/// Compiles a text with variables.
inline ngx_int_t compile_value(ngx_conf_t *cf, ngx_str_t *text, ngx_http_complex_value_t *value) {
    ngx_http_compile_complex_value_t compile{};
    compile.cf = cf;
    compile.value = text;
    compile.complex_value = value;
    return ngx_http_compile_complex_value(&compile);
}

/// Gives an object to the configuration's pool, which destroys it with itself. Null when there is
/// no memory.
template <class Object>
Object *owned_by_pool(ngx_pool_t *pool, std::unique_ptr<Object> object) noexcept {
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(pool, 0);
    if (cleanup == nullptr) {
        return nullptr;
    }
    cleanup->handler = [](void *data) noexcept { delete static_cast<Object *>(data); };
    cleanup->data = const_cast<std::remove_const_t<Object> *>(object.get());
    return object.release();
}

}  // namespace ipfence::module
