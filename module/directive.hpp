#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
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
    return elements<ngx_str_t>(*cf->args).subspan(1);
}

/// What follows "NAME=" in a word; empty optional for another word.
inline std::optional<std::string_view> parameter(const ngx_str_t &word, std::string_view name) {
    const std::string_view text = view(word);
    if (!text.starts_with(name) || !text.substr(name.size()).starts_with('=')) {
        return std::nullopt;
    }
    return text.substr(name.size() + 1);
}

/// Whether a word is the name of a header or a cookie: a token (RFC 9110, section 5.6.2), but for
/// "$", by which whoever writes it means a variable, of which nothing would take the value.
inline bool is_header_or_cookie_name(std::string_view text) noexcept {
    constexpr std::string_view kOthers = "!#%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [kOthers](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || kOthers.find(byte) != std::string_view::npos;
    });
}

/// The path of a file whose name is relative to nginx.conf, as nginx keeps texts: with a NUL byte
/// behind it, in the configuration's pool. Empty when there is no memory.
inline std::optional<ngx_str_t> full_path(ngx_conf_t *cf, std::string_view name) noexcept {
    ngx_str_t path = ngx_view(name);
    return ngx_conf_full_name(cf->cycle, &path, 1) == NGX_OK ? std::optional(path) : std::nullopt;
}

/// Says that a directive does not know a word.
inline char *unknown_word(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *word) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\" in \"%V\"", word,
                       &cmd->name);
    return kError;
}

/// Says that a directive has two words with one NAME=, of which one would not count; null when it
/// has none.
inline char *refuse_repeated(ngx_conf_t *cf, ngx_command_t *cmd) {
    const auto words = arguments(cf);
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string_view text = view(words[at]);
        const std::string_view name = text.substr(0, text.find('='));
        const bool is_repeated = name.size() < text.size() &&
                                 std::ranges::any_of(words.first(at), [name](ngx_str_t &earlier) {
                                     return parameter(earlier, name).has_value();
                                 });
        if (is_repeated) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate parameter \"%V\" in \"%V\"",
                               &words[at], &cmd->name);
            return kError;
        }
    }
    return nullptr;
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

/// An array of these names; null when there is no memory.
inline ngx_array_t *array_of(ngx_pool_t *pool, std::span<const ngx_str_t> names) noexcept {
    ngx_array_t *array = ngx_array_create(pool, names.size(), sizeof(ngx_str_t));
    if (array != nullptr) {
        array->nelts = names.size();
        std::ranges::copy(names, static_cast<ngx_str_t *>(array->elts));
    }
    return array;
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

/// The same, and adds it to the list of those that the configuration has. Null likewise.
template <class Object>
Object *add_owned(ngx_conf_t *cf, ngx_array_t &list, std::unique_ptr<Object> object) noexcept {
    auto **place = static_cast<Object **>(ngx_array_push(&list));
    if (place == nullptr) {
        return nullptr;
    }
    *place = owned_by_pool(cf->pool, std::move(object));
    list.nelts -= *place == nullptr ? 1 : 0;
    return *place;
}

}  // namespace ipfence::module
