// The setter of ipfence_store: its words, the files that they name, and the hosts of its URL.

#include <algorithm>

#include "engine/store/store_names.hpp"
#include "module/directive.hpp"
#include "module/file_text.hpp"
#include "module/shared_store.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

constexpr ngx_int_t kLongestTimeout = 10'000;

// The directive's words, unread.
struct StoreWords {
    std::string_view url{};
    std::string_view key{};
    std::string_view prefix = "ipfence:";
    std::string_view timeout = "50ms";
    std::string_view on_failure = "deny";
    std::string_view sentinel{};
    std::string_view password_file{};
    std::string_view tls_ca{};
    std::string_view tls_certificate{};
    std::string_view tls_certificate_key{};
    std::string_view tls_name{};
};

char *refuse(ngx_conf_t *cf, const std::string &problem) {
    const ngx_str_t text = ngx_view(problem);
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_store: %V", &text);
    return kError;
}

// Puts a word where it belongs. False for one that is unknown, or empty.
bool take_word(const ngx_str_t &word, StoreWords &words) {
    const std::pair<std::string_view, std::string_view *> places[] = {
        {"key", &words.key},
        {"prefix", &words.prefix},
        {"timeout", &words.timeout},
        {"on_failure", &words.on_failure},
        {"sentinel", &words.sentinel},
        {"password_file", &words.password_file},
        {"tls_ca", &words.tls_ca},
        {"tls_certificate", &words.tls_certificate},
        {"tls_certificate_key", &words.tls_certificate_key},
        {"tls_name", &words.tls_name},
    };
    for (const auto &[name, place] : places) {
        const auto value = parameter(word, name);
        if (!value) {
            continue;
        }
        if (value->empty()) {
            return false;
        }
        *place = *value;
        return true;
    }
    return false;
}

std::optional<std::string> read_secret(ngx_conf_t *cf, std::string_view name) {
    const auto path = full_path(cf, name);
    auto text = path ? read_file(std::string(view(*path))) : Error{"is no file's name"};
    if (!text) {
        refuse(cf, "the file \"" + std::string(name) + "\" " + text.error().message);
        return std::nullopt;
    }
    return std::move(text).value();
}

std::optional<SharedKey> read_key(ngx_conf_t *cf, std::string_view name) {
    const auto text = read_secret(cf, name);
    if (!text) {
        return std::nullopt;
    }
    auto key = SharedKey::parse(*text);
    if (!key) {
        refuse(cf, "the key file \"" + std::string(name) + "\" " + key.error().message);
        return std::nullopt;
    }
    return std::move(key).value();
}

// The first line, so that an editor's newline does no harm.
bool read_password(ngx_conf_t *cf, std::string_view name, StoreLocation &location) {
    if (name.empty()) {
        return true;
    }
    const auto text = read_secret(cf, name);
    if (!text) {
        return false;
    }
    const std::string password = text->substr(0, text->find_first_of("\r\n"));
    if (password.empty() || !location.password.empty()) {
        refuse(cf, password.empty() ? "the password file is empty"
                                    : "the URL and password_file both have a password");
        return false;
    }
    location.password = password;
    return true;
}

// Null where the store is not encrypted; empty after an error.
std::optional<std::unique_ptr<StoreTls>> read_tls(ngx_conf_t *cf, const StoreWords &words,
                                                  bool used) {
    const std::string_view paths[] = {words.tls_ca, words.tls_certificate,
                                      words.tls_certificate_key, words.tls_name};
    const bool has_any = std::ranges::any_of(paths, [](auto path) { return !path.empty(); });
    if (!used) {
        if (has_any) {
            refuse(cf,
                   "tls_ca, tls_certificate, tls_certificate_key and tls_name are for rediss://");
            return std::nullopt;
        }
        return nullptr;
    }
    if (words.tls_certificate.empty() != words.tls_certificate_key.empty()) {
        refuse(cf, "tls_certificate and tls_certificate_key go together");
        return std::nullopt;
    }
    auto tls = StoreTls::make(cf, {.trusted = std::string(words.tls_ca),
                                   .certificate = std::string(words.tls_certificate),
                                   .certificate_key = std::string(words.tls_certificate_key),
                                   .name = std::string(words.tls_name)});
    return tls == nullptr ? std::nullopt : std::optional(std::move(tls));
}

std::optional<StoreLocation> read_location(ngx_conf_t *cf, const StoreWords &words) {
    auto location =
        parse_store_location(words.url, words.sentinel.empty() ? StoreLocation::kRedisPort
                                                               : StoreLocation::kSentinelPort);
    if (!location) {
        refuse(cf, location.error().message);
        return std::nullopt;
    }
    if (!read_password(cf, words.password_file, *location)) {
        return std::nullopt;
    }
    return std::move(location).value();
}

std::optional<std::vector<StoreEndpoint>> read_seeds(ngx_conf_t *cf,
                                                     const StoreLocation &location) {
    std::vector<StoreEndpoint> seeds;
    for (const ServerName &server : location.servers) {
        const auto found = resolve_endpoint(cf, server.host, server.port);
        if (found.empty()) {
            return std::nullopt;
        }
        seeds.insert(seeds.end(), found.begin(), found.end());
    }
    return seeds;
}

std::unique_ptr<SharedStore> read_store(ngx_conf_t *cf, const StoreWords &words) {
    ngx_str_t timeout = ngx_view(words.timeout);
    const ngx_int_t milliseconds = ngx_parse_time(&timeout, 0);
    if (milliseconds <= 0 || milliseconds > kLongestTimeout) {
        refuse(cf, "timeout must be from 1ms to 10s");
        return nullptr;
    }
    if (words.on_failure != "deny" && words.on_failure != "local") {
        refuse(cf, "on_failure must be \"deny\" or \"local\"");
        return nullptr;
    }
    if (!StoreNames::is_prefix(words.prefix)) {
        refuse(cf, "prefix takes letters, digits and \":-_.\", 64 at most");
        return nullptr;
    }
    auto location = read_location(cf, words);
    auto key = location ? read_key(cf, words.key) : std::nullopt;
    auto tls = key ? read_tls(cf, words, location->tls) : std::nullopt;
    auto seeds = tls ? read_seeds(cf, *location) : std::nullopt;
    if (!seeds) {
        return nullptr;
    }
    return SharedStore::make(cf, StoreSettings{
                                     .location = std::move(*location),
                                     .seeds = std::move(*seeds),
                                     .sentinel_master = std::string(words.sentinel),
                                     .prefix = std::string(words.prefix),
                                     .key = *key,
                                     .timeout = static_cast<ngx_msec_t>(milliseconds),
                                     .on_failure = words.on_failure == "local" ? StoreFailure::local
                                                                               : StoreFailure::deny,
                                     .tls = std::move(*tls),
                                 });
}

}  // namespace

char *ngx_http_ipfence_set_store(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_main_conf_t *>(data);
        if (conf->store != nullptr) {
            return message(kDuplicate);
        }
        if (char *error = refuse_repeated(cf, cmd)) {
            return error;
        }
        StoreWords words;
        words.url = view(arguments(cf)[0]);
        for (ngx_str_t &word : arguments(cf).subspan(1)) {
            if (!take_word(word, words)) {
                return unknown_word(cf, cmd, &word);
            }
        }
        if (words.key.empty()) {
            return message("needs key=FILE");
        }
        auto store = read_store(cf, words);
        conf->store = store == nullptr ? nullptr : owned_by_pool(cf->pool, std::move(store));
        return conf->store == nullptr ? kError : NGX_CONF_OK;
    });
}
