#pragma once

#include <span>
#include <string_view>

#include "module/nginx.hpp"

namespace ipfence::module {

/// Calls `visit(ngx_table_elt_t &)` for every header in `list`, in the order received.
template <class Visitor>
void for_each_header(ngx_list_t &list, Visitor &&visit) {
    for (ngx_list_part_t *part = &list.part; part != nullptr; part = part->next) {
        for (ngx_table_elt_t &header :
             std::span(static_cast<ngx_table_elt_t *>(part->elts), part->nelts)) {
            visit(header);
        }
    }
}

/// A new header at the end of `list`, zeroed; null when there is no memory. nginx leaves it as the
/// memory was: since 1.23.0 it has a `next` that nginx follows, and that must be null where there
/// is none of the same name.
inline ngx_table_elt_t *push_header(ngx_list_t &list) noexcept {
    auto *header = static_cast<ngx_table_elt_t *>(ngx_list_push(&list));
    if (header != nullptr) {
        *header = {};
    }
    return header;
}

/// What nginx's tables of headers know a name by; `lower_case_name` is in lower case.
constexpr ngx_uint_t hash_of_name(std::string_view lower_case_name) noexcept {
    ngx_uint_t hash = 0;
    for (const char byte : lower_case_name) {
        hash = ngx_hash(hash, static_cast<u_char>(byte));
    }
    return hash;
}

/// The name of a request's header, in the ways that nginx keeps it.
struct HeaderName {
    consteval HeaderName(std::string_view text_, std::string_view lower_case_) noexcept
        : text(text_), lower_case(lower_case_), hash(hash_of_name(lower_case_)) {}

    std::string_view text;
    std::string_view lower_case;
    ngx_uint_t hash;
};

/// Adds a header to the request, as if it had come with it; `value` must live as long. Null when
/// there is no memory.
inline ngx_table_elt_t *add_request_header(ngx_http_request_t *r, const HeaderName &name,
                                           std::string_view value) noexcept {
    ngx_table_elt_t *header = push_header(r->headers_in.headers);
    if (header != nullptr) {
        header->hash = name.hash;
        header->key = ngx_view(name.text);
        header->value = ngx_view(value);
        header->lowcase_key = ngx_view(name.lower_case).data;
    }
    return header;
}

/// Keeps a header of the request from the provider. It stays where it is, since nginx points to
/// what is around it, and becomes one of those that end at nginx (RFC 9110, section 7.6.1).
inline void withhold_request_header(ngx_table_elt_t &header) noexcept {
    constexpr HeaderName kEndsHere("Keep-Alive", "keep-alive");
    header.hash = kEndsHere.hash;
    header.key = ngx_view(kEndsHere.text);
    header.value = {};
    header.lowcase_key = ngx_view(kEndsHere.lower_case).data;
}

/// The content type of a form.
inline constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

/// The value of the request's only `Authorization` header; empty when there is none.
inline std::string_view authorization_of(const ngx_http_request_t *r) noexcept {
    const ngx_table_elt_t *header = r->headers_in.authorization;
    return header == nullptr ? std::string_view{} : view(header->value);
}

/// Whether the request has a `Cookie` header.
inline bool has_cookies(const ngx_http_request_t *r) noexcept {
#if (nginx_version >= 1023000)
    return r->headers_in.cookie != nullptr;
#else
    return r->headers_in.cookies.nelts != 0;
#endif
}

/// Whether a body follows the request's header.
inline bool has_body(const ngx_http_request_t *r) noexcept {
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}

/// Whether a request header has this name; `lower_case_name` is in lower case.
inline bool is_named(const ngx_table_elt_t &header, std::string_view lower_case_name) noexcept {
    return std::string_view(reinterpret_cast<const char *>(header.lowcase_key), header.key.len) ==
           lower_case_name;
}

}  // namespace ipfence::module
