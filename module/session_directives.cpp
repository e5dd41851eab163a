// The setters of the directives about what is remembered: the zone, the cookies, the keys.

#include <string>

#include "engine/credential/device_cookie.hpp"
#include "module/directive.hpp"
#include "module/file_text.hpp"
#include "module/jwks_file.hpp"
#include "module/shared_zone.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

// What follows "NAME=" in a word; empty optional for another word.
std::optional<std::string_view> parameter(const ngx_str_t &word, std::string_view name) {
    const std::string_view text = view(word);
    if (!text.starts_with(name) || !text.substr(name.size()).starts_with('=')) {
        return std::nullopt;
    }
    return text.substr(name.size() + 1);
}

std::optional<std::string> full_path(ngx_conf_t *cf, std::string_view name) {
    ngx_str_t path = ngx_view(name);
    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return std::nullopt;
    }
    return std::string(view(path));
}

char *unknown_word(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *word) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\" in \"%V\"", word,
                       &cmd->name);
    return kError;
}

struct ZoneWords {
    std::string name;
    ssize_t size = NGX_ERROR;
    std::string snapshot;
};

bool read_zone_name(std::string_view text, ZoneWords &words) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    words.name = text.substr(0, colon);
    ngx_str_t size = ngx_view(text.substr(colon + 1));
    words.size = ngx_parse_size(&size);
    return words.size != NGX_ERROR;
}

// A page is the unit of shared memory.
std::size_t whole_pages(ssize_t size) {
    return ngx_align(static_cast<std::size_t>(size), ngx_pagesize);
}

ngx_http_ipfence_device_keys_t *read_device_keys(ngx_conf_t *cf, std::string_view name) {
    const auto path = full_path(cf, name);
    const auto text = path ? read_file(*path) : std::nullopt;
    if (!text) {
        const ngx_str_t shown = ngx_view(name);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "ipfence_device_cookie: the key file \"%V\" cannot be read", &shown);
        return nullptr;
    }
    auto keys = DeviceKeys::parse(*text);
    if (!keys) {
        const ngx_str_t problem = ngx_view(keys.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_device_cookie: \"%s\": %V", path->c_str(),
                           &problem);
        return nullptr;
    }
    return owned_by_pool<const DeviceKeys>(
        cf->pool, std::make_unique<const DeviceKeys>(std::move(keys).value()));
}

}  // namespace

char *ngx_http_ipfence_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_main_conf_t *>(data);
        if (conf->zone != nullptr) {
            return message(kDuplicate);
        }
        ZoneWords words;
        for (ngx_str_t &word : arguments(cf)) {
            if (const auto zone = parameter(word, "zone")) {
                if (!read_zone_name(*zone, words)) {
                    return unknown_word(cf, cmd, &word);
                }
            } else if (const auto snapshot = parameter(word, "snapshot")) {
                const auto path = full_path(cf, *snapshot);
                if (!path || snapshot->empty()) {
                    return unknown_word(cf, cmd, &word);
                }
                words.snapshot = *path;
            } else {
                return unknown_word(cf, cmd, &word);
            }
        }
        if (words.name.empty() || words.size < static_cast<ssize_t>(Zone::kMinSize)) {
            return message("needs zone=NAME:SIZE with a size of at least 256k");
        }
        auto zone = SharedZone::open(cf, words.name, whole_pages(words.size), words.snapshot);
        conf->zone = zone ? owned_by_pool(cf->pool, std::move(zone)) : nullptr;
        return conf->zone == nullptr ? kError : NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_session_cookie(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->session_cookies != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        const auto names = arguments(cf);
        conf->session_cookies = ngx_array_create(cf->pool, names.size(), sizeof(ngx_str_t));
        if (conf->session_cookies == nullptr) {
            return kError;
        }
        for (const ngx_str_t &name : names) {
            *static_cast<ngx_str_t *>(ngx_array_push(conf->session_cookies)) = name;
        }
        return NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_device_cookie(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        constexpr time_t kDefaultTtl = 365 * 24 * 3600;
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->device_cookie != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        auto *cookie = pool_zeroed<ngx_http_ipfence_device_cookie_t>(cf->pool);
        if (cookie == nullptr) {
            return kError;
        }
        const auto words = arguments(cf);
        cookie->name = words[0];
        cookie->ttl = kDefaultTtl;
        for (ngx_str_t &word : words.subspan(1)) {
            if (const auto key = parameter(word, "key")) {
                cookie->keys = read_device_keys(cf, *key);
                if (cookie->keys == nullptr) {
                    return kError;
                }
            } else if (const auto ttl = parameter(word, "ttl")) {
                ngx_str_t text = ngx_view(*ttl);
                const ngx_int_t seconds = ngx_parse_time(&text, 1);
                if (seconds <= 0) {
                    return unknown_word(cf, cmd, &word);
                }
                cookie->ttl = seconds;
            } else {
                return unknown_word(cf, cmd, &word);
            }
        }
        if (cookie->keys == nullptr) {
            return message("needs key=FILE");
        }
        conf->device_cookie = cookie;
        return NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_jwks(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        auto *main = static_cast<ngx_http_ipfence_main_conf_t *>(
            ngx_http_conf_get_module_main_conf(cf, ngx_http_ipfence_module));
        if (conf->jwks != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        ngx_str_t path = arguments(cf)[0];
        if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
            return kError;
        }
        for (JwksFile *file :
             std::span(static_cast<JwksFile **>(main->jwks_files.elts), main->jwks_files.nelts)) {
            if (file->path() == view(path)) {
                conf->jwks = file;
                return NGX_CONF_OK;
            }
        }
        auto file = JwksFile::open(cf, path);
        auto **slot = static_cast<JwksFile **>(ngx_array_push(&main->jwks_files));
        if (file == nullptr || slot == nullptr) {
            return kError;
        }
        *slot = conf->jwks = owned_by_pool(cf->pool, std::move(file));
        return conf->jwks == nullptr ? kError : NGX_CONF_OK;
    });
}
