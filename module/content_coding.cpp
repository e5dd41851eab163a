#include "module/content_coding.hpp"

#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// A request whose first line nginx could not read has none, and comes here as to its `error_page`.
bool has_list_of_headers(ngx_http_request_t *r) {
    constexpr ngx_uint_t kHeaders = 4;
    ngx_list_t &headers = r->headers_in.headers;
    return headers.last != nullptr ||
           ngx_list_init(&headers, r->pool, kHeaders, sizeof(ngx_table_elt_t)) == NGX_OK;
}

}  // namespace

bool ask_for_identity_coding(ngx_http_request_t *r) {
    constexpr std::string_view kIdentity = "identity";
    bool is_asked = false;
    for_each_header(r->headers_in.headers, [&](ngx_table_elt_t &header) {
        if (is_named(header, "accept-encoding")) {
            header.value = ngx_view(kIdentity);
            is_asked = true;
        }
    });
    return is_asked ||
           (has_list_of_headers(r) &&
            add_request_header(r, {"Accept-Encoding", "accept-encoding"}, kIdentity) != nullptr);
}

}  // namespace ipfence::module
