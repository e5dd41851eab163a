#pragma once

#include <string_view>

#include "engine/letter_case.hpp"
#include "module/nginx.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

/// Whether a header of an answer has this name, and nginx sends it.
inline bool is_answered_as(const ngx_table_elt_t &header, std::string_view name) noexcept {
    return header.hash != 0 && equal_without_case(view(header.key), name);
}

/// Adds a header to the answer, whose name and value must live as long as the request. Null when
/// there is no memory.
inline ngx_table_elt_t *add_answer_header(ngx_http_request_t *r, std::string_view name,
                                          std::string_view value) noexcept {
    ngx_table_elt_t *header = push_header(r->headers_out.headers);
    if (header != nullptr) {
        header->hash = 1;  // 0 is one that nginx does not send
        header->key = ngx_view(name);
        header->value = ngx_view(value);
    }
    return header;
}

}  // namespace ipfence::module
