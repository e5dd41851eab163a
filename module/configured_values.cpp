#include "module/configured_values.hpp"

#include <span>

#include "engine/credential/text.hpp"

namespace ipfence::module {

ConfiguredValue first_configured_value(ngx_http_request_t *r, ngx_array_t *values) {
    if (values == nullptr) {
        return {};
    }
    for (ngx_http_complex_value_t &value :
         std::span(static_cast<ngx_http_complex_value_t *>(values->elts), values->nelts)) {
        ngx_str_t text;
        if (ngx_http_complex_value(r, &value, &text) != NGX_OK) {
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
