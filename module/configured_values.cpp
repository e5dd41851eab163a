#include "module/configured_values.hpp"

#include <algorithm>
#include <span>

#include "engine/credential/text.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kHeaderVariable = "http_";

// nginx's names of variables have underscores where names of headers have hyphens.
bool is_variable_of(const ngx_table_elt_t &header, std::string_view variable) noexcept {
    const std::string_view name(reinterpret_cast<const char *>(header.lowcase_key), header.key.len);
    return std::ranges::equal(name, variable, [](char of_header, char of_variable) {
        return (of_header == '-' ? '_' : of_header) == of_variable;
    });
}

unsigned count_lines(ngx_http_request_t *r, std::string_view variable) {
    unsigned lines = 0;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        lines += is_variable_of(header, variable) ? 1U : 0U;
    });
    return lines;
}

}  // namespace

bool is_of_repeated_header(ngx_http_request_t *r, const ngx_http_complex_value_t &value) {
    if (value.flushes == nullptr) {
        return false;
    }
    constexpr auto kEnd = static_cast<ngx_uint_t>(-1);
    const auto *core = static_cast<const ngx_http_core_main_conf_t *>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const auto *variables = static_cast<const ngx_http_variable_t *>(core->variables.elts);
    for (const ngx_uint_t *index = value.flushes; *index != kEnd; ++index) {
        std::string_view name = view(variables[*index].name);
        if (!name.starts_with(kHeaderVariable)) {
            continue;
        }
        name.remove_prefix(kHeaderVariable.size());
        if (count_lines(r, name) > 1) {
            return true;
        }
    }
    return false;
}

ConfiguredValue first_configured_value(ngx_http_request_t *r, ngx_array_t *values) {
    if (values == nullptr) {
        return {};
    }
    for (ngx_http_complex_value_t &value :
         std::span(static_cast<ngx_http_complex_value_t *>(values->elts), values->nelts)) {
        ngx_str_t text;
        if (is_of_repeated_header(r, value) || ngx_http_complex_value(r, &value, &text) != NGX_OK) {
            return {{}, true};
        }
        if (text.len != 0) {
            return is_name(view(text)) ? ConfiguredValue{view(text), false}
                                       : ConfiguredValue{{}, true};
        }
    }
    return {};
}

}  // namespace ipfence::module
