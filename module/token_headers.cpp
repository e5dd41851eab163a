#include "module/token_headers.hpp"

#include "module/header_value.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

struct Seen {
    unsigned content_types = 0;
    unsigned authorizations = 0;
    bool content_coded = false;
    std::string_view content_type;
};

Seen look_at_headers(ngx_http_request_t *r) {
    Seen seen;
    for_each_header(r->headers_in.headers, [&seen](const ngx_table_elt_t &header) {
        if (is_named(header, "content-type")) {
            ++seen.content_types;
            seen.content_type = view(header.value);
        } else if (is_named(header, "authorization")) {
            ++seen.authorizations;
        } else if (is_named(header, "content-encoding")) {
            seen.content_coded = true;
        }
    });
    return seen;
}

std::string_view trimmed(std::string_view text) noexcept {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return text;
}

// The form type, alone or with the one parameter that says what is the case anyway.
bool is_form(std::string_view content_type) noexcept {
    if (content_type == kFormType) {
        return true;
    }
    const std::size_t semicolon = content_type.find(';');
    if (!equals_ignoring_case(trimmed(content_type.substr(0, semicolon)), kFormType)) {
        return false;
    }
    return semicolon == std::string_view::npos ||
           equals_ignoring_case(trimmed(content_type.substr(semicolon + 1)), "charset=utf-8");
}

}  // namespace

std::optional<Refused> refuse_token_headers(ngx_http_request_t *r) {
    const Seen seen = look_at_headers(r);

    if (r->http_version < NGX_HTTP_VERSION_10) {
        return Refused{Reason::ambiguous_request, "HTTP/0.9 cannot carry a token request"};
    }
    if (is_preflight(r)) {
        return std::nullopt;
    }
    if (r->method != NGX_HTTP_POST) {
        return Refused{Reason::method_not_allowed, "the token endpoint takes POST"};
    }
    if (r->args.len != 0) {
        return Refused{Reason::ambiguous_request,
                       "parameters belong in the body, not in the query"};
    }
    if (seen.content_types > 1 || seen.authorizations > 1) {
        return Refused{Reason::ambiguous_request,
                       "Content-Type and Authorization must not be repeated"};
    }
    if (seen.content_coded) {
        return Refused{Reason::unsupported_media, "the body must not be content-coded"};
    }
    if (seen.content_types == 0 || !is_form(seen.content_type)) {
        return Refused{Reason::unsupported_media,
                       "the body must be application/x-www-form-urlencoded"};
    }
    return std::nullopt;
}

bool has_repeated_authorization(ngx_http_request_t *r) {
    unsigned authorizations = 0;
    for_each_header(r->headers_in.headers, [&authorizations](const ngx_table_elt_t &header) {
        authorizations += is_named(header, "authorization") ? 1U : 0U;
    });
    return authorizations > 1;
}

bool asks_what_is_allowed(ngx_http_request_t *r) {
    if (has_body(r) || r->args.len != 0) {
        return false;
    }
    bool asks_for_method = false;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        asks_for_method |= is_named(header, "access-control-request-method");
    });
    return asks_for_method;
}

bool ask_for_identity_coding(ngx_http_request_t *r) {
    bool asked = false;
    for_each_header(r->headers_in.headers, [&](ngx_table_elt_t &header) {
        if (is_named(header, "accept-encoding")) {
            ngx_str_set(&header.value, "identity");
            asked = true;
        }
    });
    if (asked) {
        return true;
    }

    ngx_table_elt_t *header = push_header(r->headers_in.headers);
    if (header == nullptr) {
        return false;
    }
    constexpr ngx_uint_t kHash = hash_of_name("accept-encoding");
    header->hash = kHash;
    ngx_str_set(&header->key, "Accept-Encoding");
    ngx_str_set(&header->value, "identity");
    header->lowcase_key = ngx_view("accept-encoding").data;
    return true;
}

}  // namespace ipfence::module
