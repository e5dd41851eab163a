#include "module/whole_answer.hpp"

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

// A part of an answer (RFC 9110, section 14) says neither whom it is for nor what it issues.
void ask_for_no_part(ngx_http_request_t *r) noexcept {
    if (r->headers_in.range == nullptr && r->headers_in.if_range == nullptr) {
        return;
    }
    for_each_header(r->headers_in.headers, [](ngx_table_elt_t &header) {
        if (is_named(header, "range") || is_named(header, "if-range")) {
            withhold_request_header(header);
        }
    });
    r->headers_in.range = nullptr;
    r->headers_in.if_range = nullptr;
}

}  // namespace

// nginx goes by a pointer to the header, and the provider is sent what is in the list.
bool keep_codings_for_nginx([[maybe_unused]] ngx_http_request_t *r) {
#if (NGX_HTTP_GZIP)
    if (r->headers_in.accept_encoding == nullptr) {
        return true;
    }
    auto *kept = static_cast<ngx_table_elt_t *>(ngx_palloc(r->pool, sizeof(ngx_table_elt_t)));
    if (kept != nullptr) {
        *kept = *r->headers_in.accept_encoding;
        r->headers_in.accept_encoding = kept;
    }
    return kept != nullptr;
#else
    return true;
#endif
}

bool ask_for_whole_answer(ngx_http_request_t *r) {
    ask_for_no_part(r);
    return ask_for_identity_coding(r);
}

}  // namespace ipfence::module
