#include "module/configured_values.hpp"

#include <algorithm>
#include <array>

#include "engine/credential/text.hpp"
#include "module/complex_value.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kHeaderVariable = "http_";
constexpr std::array<std::string_view, 3> kAnswerVariables{"upstream_http_", "upstream_cookie_",
                                                           "upstream_trailer_"};

// Whether a variable of the value, by its name, is one that is looked for.
template <class Predicate>
bool any_variable(ngx_http_request_t *r, const ngx_http_complex_value_t &value,
                  Predicate is_wanted) {
    bool is_any = false;
    for_each_variable(r, value, [&](ngx_uint_t, const ngx_http_variable_t &variable) {
        is_any = is_any || is_wanted(view(variable.name));
    });
    return is_any;
}

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
    return any_variable(r, value, [r](std::string_view name) {
        return name.starts_with(kHeaderVariable) &&
               count_lines(r, name.substr(kHeaderVariable.size())) > 1;
    });
}

bool is_of_answer(ngx_http_request_t *r, const ngx_array_t *values) {
    if (values == nullptr) {
        return false;
    }
    const auto all = elements<const ngx_http_complex_value_t>(*values);
    return std::ranges::any_of(all, [r](const ngx_http_complex_value_t &value) {
        return any_variable(r, value, [](std::string_view name) {
            return std::ranges::any_of(kAnswerVariables, [name](std::string_view beginning) {
                return name.starts_with(beginning);
            });
        });
    });
}

ConfiguredValue first_configured_value(ngx_http_request_t *r, ngx_array_t *values) {
    if (values == nullptr) {
        return {};
    }
    for (ngx_http_complex_value_t &value : elements<ngx_http_complex_value_t>(*values)) {
        const auto text = is_of_repeated_header(r, value) ? std::nullopt : evaluate(r, value);
        if (!text) {
            return {{}, true};
        }
        if (!text->empty()) {
            return is_name(*text) ? ConfiguredValue{*text, false} : ConfiguredValue{{}, true};
        }
    }
    return {};
}

ConfiguredNames evaluate_configured_names(ngx_http_request_t *r,
                                          const ngx_http_ipfence_loc_conf_t &conf) {
    const ConfiguredValue app = first_configured_value(r, conf.apps);
    const ConfiguredValue user = first_configured_value(r, conf.users);
    return {app.text, user.text, app.is_unusable || user.is_unusable};
}

}  // namespace ipfence::module
