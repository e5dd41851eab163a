#include "module/kind.hpp"

#include <algorithm>
#include <span>

#include "module/complex_value.hpp"
#include "module/kind_names.hpp"

namespace ipfence::module {

namespace {

// A variable may carry bytes of the request; only what cannot forge a log line is shown.
bool is_printable_word(std::string_view text) noexcept {
    constexpr std::size_t kLongestShown = 40;
    return text.size() <= kLongestShown && std::ranges::all_of(text, [](char byte) {
               return (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-';
           });
}

void log_unknown(ngx_http_request_t *r, std::string_view value) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    const ngx_str_t shown = ngx_view(is_printable_word(value) ? value : "(not shown)");
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "ipfence: the variable in %V:%ui evaluates to \"%V\", which is no kind; the "
                  "request is denied",
                  &conf->kind_file, conf->kind_line, &shown);
}

// nginx keeps what a variable came to for the whole request: of a map of $uri, what it came to for
// the path that the client asked for. That says nothing of the path that nginx has redirected the
// request to since. What `set` and its like have assigned is found nowhere else, and stays.
void evaluate_anew(ngx_http_request_t *r, const ngx_http_complex_value_t &value) noexcept {
    constexpr ngx_uint_t kAssignedOrNeverKept = NGX_HTTP_VAR_WEAK | NGX_HTTP_VAR_NOCACHEABLE;
    const KeptCaptures kept(r);
    for_each_variable(r, value, [r](ngx_uint_t index, const ngx_http_variable_t &variable) {
        ngx_http_variable_value_t fresh{};
        if ((variable.flags & kAssignedOrNeverKept) == 0 &&
            variable.get_handler(r, &fresh, variable.data) == NGX_OK && !fresh.not_found) {
            r->variables[index] = fresh;
        }
    });
}

}  // namespace

std::optional<ngx_http_ipfence_kind_e> kind_of(std::string_view word) noexcept {
    for (const auto &[kind, name] : std::span(kKindNames).first<NGX_HTTP_IPFENCE_VARIABLE>()) {
        if (name == word) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string_view name_of(ngx_http_ipfence_kind_e kind) noexcept {
    return kKindNames[kind].text;
}

ngx_http_ipfence_kind_e kind_by_variable(ngx_http_request_t *r) noexcept {
    const ngx_http_ipfence_loc_conf_t *conf = location_configuration(r);
    evaluate_anew(r, *conf->kind_value);
    const auto value = evaluate(r, *conf->kind_value);
    if (!value) {
        return NGX_HTTP_IPFENCE_UNKNOWN;
    }
    const auto kind = kind_of(*value);
    if (!kind) {
        log_unknown(r, *value);
        return NGX_HTTP_IPFENCE_UNKNOWN;
    }
    return *kind;
}

}  // namespace ipfence::module
