#include "module/kind.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ipfence::module {

namespace {

constexpr std::array<std::pair<std::string_view, ngx_http_ipfence_kind_e>, 10> kKinds{{
    {"off", NGX_HTTP_IPFENCE_OFF},
    {"token", NGX_HTTP_IPFENCE_TOKEN},
    {"authorization", NGX_HTTP_IPFENCE_AUTHORIZATION},
    {"resource", NGX_HTTP_IPFENCE_RESOURCE},
    {"password_change", NGX_HTTP_IPFENCE_PASSWORD_CHANGE},
    {"verification_registration", NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION},
    {"login_flow", NGX_HTTP_IPFENCE_LOGIN_FLOW},
    {"verification", NGX_HTTP_IPFENCE_VERIFICATION},
    {"revocation", NGX_HTTP_IPFENCE_REVOCATION},
    {"logout", NGX_HTTP_IPFENCE_LOGOUT},
}};

// A variable may carry bytes of the request; only what cannot forge a log line is shown.
bool is_printable_word(std::string_view text) noexcept {
    constexpr std::size_t kLongestShown = 40;
    return text.size() <= kLongestShown && std::ranges::all_of(text, [](char byte) {
               return (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-';
           });
}

void log_unknown(ngx_http_request_t *r, const ngx_str_t &value) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    const ngx_str_t shown = is_printable_word(view(value)) ? value : ngx_view("(not shown)");
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "ipfence: the variable in %V:%ui evaluates to \"%V\", which is no kind; the "
                  "request is denied",
                  &conf->kind_file, conf->kind_line, &shown);
}

}  // namespace

std::optional<ngx_http_ipfence_kind_e> kind_of(std::string_view word) noexcept {
    for (const auto &[name, kind] : kKinds) {
        if (name == word) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string_view name_of(ngx_http_ipfence_kind_e kind) noexcept {
    for (const auto &[name, known] : kKinds) {
        if (known == kind) {
            return name;
        }
    }
    return "unknown";
}

ngx_http_ipfence_kind_e kind_of_request(ngx_http_request_t *r) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    if (conf->kind != NGX_HTTP_IPFENCE_VARIABLE) {
        return static_cast<ngx_http_ipfence_kind_e>(conf->kind);
    }

    ngx_str_t value;
    if (ngx_http_complex_value(r, conf->kind_value, &value) != NGX_OK) {
        return NGX_HTTP_IPFENCE_UNKNOWN;
    }
    const auto kind = kind_of(view(value));
    if (!kind) {
        log_unknown(r, value);
        return NGX_HTTP_IPFENCE_UNKNOWN;
    }
    return *kind;
}

}  // namespace ipfence::module
