// The setters of the directives about what is remembered: the zone, the providers, the cookies, the
// keys.

#include <algorithm>
#include <string>

#include "engine/credential/device_cookie.hpp"
#include "engine/memory/zone.hpp"
#include "module/cookies.hpp"
#include "module/directive.hpp"
#include "module/file_text.hpp"
#include "module/jwks_file.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

// RFC 6265, section 4.1.1. A cookie of another name would never be found.
bool is_cookie_name(const ngx_str_t &text) noexcept {
    return is_header_or_cookie_name(view(text));
}
constexpr const char *kNoCookieName =
    "has a name that no cookie can have: it takes names, and no variables";

static_assert(Zone::kMinSize == std::size_t{256} * 1024);
constexpr const char *kNoZone =
    "needs zone=NAME:SIZE, with a size of at least 256k in bytes, k or m (1024m, not 1g)";

bool read_zone_name(std::string_view text, ngx_http_ipfence_zone_words_t &words) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    ngx_str_t size = ngx_view(text.substr(colon + 1));
    const ssize_t bytes = ngx_parse_size(&size);
    if (bytes == NGX_ERROR) {
        return false;
    }
    words.name = ngx_view(text.substr(0, colon));
    // A page is the unit of shared memory.
    words.size = ngx_align(static_cast<std::size_t>(bytes), ngx_pagesize);
    return true;
}

ngx_http_ipfence_device_keys_t *read_device_keys(ngx_conf_t *cf, std::string_view name) {
    const auto path = full_path(cf, name);
    const auto text = path ? read_file(std::string(view(*path))) : Error{"is no file's name"};
    if (!text) {
        const ngx_str_t shown = ngx_view(name);
        const ngx_str_t problem = ngx_view(text.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_device_cookie: the key file \"%V\" %V",
                           &shown, &problem);
        return nullptr;
    }
    auto keys = DeviceKeys::parse(*text);
    if (!keys) {
        const ngx_str_t problem = ngx_view(keys.error().message);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_device_cookie: \"%V\": %V", &*path,
                           &problem);
        return nullptr;
    }
    return owned_by_pool<const DeviceKeys>(
        cf->pool, std::make_unique<const DeviceKeys>(std::move(keys).value()));
}

char *take_device_word(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t &word,
                       ngx_http_ipfence_device_cookie_t &cookie) {
    if (const auto key = parameter(word, "key")) {
        cookie.keys = read_device_keys(cf, *key);
        return cookie.keys == nullptr ? kError : NGX_CONF_OK;
    }
    if (const auto ttl = parameter(word, "ttl")) {
        ngx_str_t text = ngx_view(*ttl);
        cookie.ttl = ngx_parse_time(&text, 1);
        return cookie.ttl > 0 ? NGX_CONF_OK : unknown_word(cf, cmd, &word);
    }
    return unknown_word(cf, cmd, &word);
}

char *take_zone_word(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t &word,
                     ngx_http_ipfence_zone_words_t &words) {
    if (const auto zone = parameter(word, "zone")) {
        return read_zone_name(*zone, words) ? NGX_CONF_OK : message(kNoZone);
    }
    const auto snapshot = parameter(word, "snapshot");
    const auto path = snapshot && !snapshot->empty() ? full_path(cf, *snapshot) : std::nullopt;
    if (!path) {
        return unknown_word(cf, cmd, &word);
    }
    words.snapshot = *path;
    return NGX_CONF_OK;
}

}  // namespace

// The zone is opened when all is read: another directive may say what its key is.
char *ngx_http_ipfence_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_main_conf_t *>(data);
        ngx_http_ipfence_zone_words_t &words = conf->zone_words;
        if (words.name.len != 0) {
            return message(kDuplicate);
        }
        if (char *error = refuse_repeated(cf, cmd)) {
            return error;
        }
        for (ngx_str_t &word : arguments(cf)) {
            if (char *fault = take_zone_word(cf, cmd, word, words); fault != NGX_CONF_OK) {
                return fault;
            }
        }
        if (words.name.len == 0 || words.size < Zone::kMinSize) {
            return message(kNoZone);
        }
        return NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_provider(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        auto *main = main_configuration(cf);
        if (conf->provider != NGX_CONF_UNSET_UINT) {
            return message(kDuplicate);
        }
        const std::string_view name = view(arguments(cf)[0]);
        if (name.empty() || name.find('$') != std::string_view::npos) {
            return message("needs a name without variables");
        }
        const auto known = elements<ngx_str_t>(main->providers);
        const auto found =
            std::ranges::find_if(known, [name](const ngx_str_t &one) { return view(one) == name; });
        conf->provider = static_cast<ngx_uint_t>(found - known.begin());
        if (found == known.end()) {
            auto *slot = static_cast<ngx_str_t *>(ngx_array_push(&main->providers));
            if (slot == nullptr) {
                return kError;
            }
            *slot = ngx_view(name);
        }
        return NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_session_cookie(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->session_cookies != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        const auto names = arguments(cf);
        static_assert(SessionCookies::kMaxNames == 8);
        if (names.size() > SessionCookies::kMaxNames) {
            return message("names more cookies than the eight that are possible");
        }
        if (!std::ranges::all_of(names, is_cookie_name)) {
            return message(kNoCookieName);
        }
        conf->session_cookies = array_of(cf->pool, names);
        return conf->session_cookies == nullptr ? kError : NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_device_cookie(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        constexpr time_t kDefaultTtl = 365 * 24 * 3600;
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->device_cookie != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        if (char *error = refuse_repeated(cf, cmd)) {
            return error;
        }
        auto *cookie = pool_zeroed<ngx_http_ipfence_device_cookie_t>(cf->pool);
        if (cookie == nullptr) {
            return kError;
        }
        const auto words = arguments(cf);
        if (!is_cookie_name(words[0])) {
            return message(kNoCookieName);
        }
        cookie->name = words[0];
        cookie->ttl = kDefaultTtl;
        for (ngx_str_t &word : words.subspan(1)) {
            if (char *fault = take_device_word(cf, cmd, word, *cookie); fault != NGX_CONF_OK) {
                return fault;
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
        auto *main = main_configuration(cf);
        if (conf->jwks != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        const auto path = full_path(cf, view(arguments(cf)[0]));
        if (!path) {
            return kError;
        }
        for (JwksFile *file : elements<JwksFile *>(main->jwks_files)) {
            if (file->path() == view(*path)) {
                conf->jwks = file;
                return NGX_CONF_OK;
            }
        }
        auto file = JwksFile::open(cf, *path);
        conf->jwks = file == nullptr ? nullptr : add_owned(cf, main->jwks_files, std::move(file));
        return conf->jwks == nullptr ? kError : NGX_CONF_OK;
    });
}
