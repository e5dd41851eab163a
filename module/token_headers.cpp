#include "module/token_headers.hpp"

#include "engine/letter_case.hpp"
#include "engine/text_pieces.hpp"
#include "module/request_headers.hpp"
#include "module/token_query.hpp"

namespace ipfence::module {

namespace {

struct TokenHeaders {
    unsigned content_types = 0;
    unsigned authorizations = 0;
    bool content_coded = false;
    std::string_view content_type;
};

TokenHeaders look_at_token_headers(ngx_http_request_t *r) {
    TokenHeaders seen;
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

// What stands behind the type: "charset=utf-8". Empty where there is nothing.
std::string_view parameters_of(std::string_view content_type) noexcept {
    take_until(content_type, ';');
    return trimmed(content_type, " ");
}

bool is_charset(std::string_view parameters, std::string_view charset) noexcept {
    constexpr std::string_view kName = "charset=";
    if (!equal_without_case(parameters.substr(0, kName.size()), kName)) {
        return false;
    }
    std::string_view value = parameters.substr(kName.size());
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
        value = value.substr(1, value.size() - 2);
    }
    return equal_without_case(value, charset);
}

// In these, ASCII is what it is in UTF-8. RequestBuilder of Apache's HttpClient names the second
// unless it is told otherwise.
bool is_charset_of_ascii(std::string_view parameters) noexcept {
    return is_charset(parameters, "us-ascii") || is_charset(parameters, "iso-8859-1");
}

// The form type, alone or with the one parameter that says in which charset it is.
bool is_form(std::string_view content_type) noexcept {
    if (content_type == kFormType) {
        return true;
    }
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    if (!equal_without_case(trimmed(type, " "), kFormType)) {
        return false;
    }
    const std::string_view parameters = parameters_of(content_type);
    return type.size() == content_type.size() || is_charset(parameters, "utf-8") ||
           is_charset_of_ascii(parameters);
}

bool is_ascii_decoded(std::string_view form) noexcept {
    constexpr std::string_view kHighDigits = "89abcdefABCDEF";
    for (std::size_t at = 0; at < form.size(); ++at) {
        const bool is_high = static_cast<unsigned char>(form[at]) >= 0x80;
        if (is_high || (form[at] == '%' && at + 1 < form.size() &&
                        kHighDigits.find(form[at + 1]) != std::string_view::npos)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<Refused> refuse_token_headers(ngx_http_request_t *r) {
    const TokenHeaders seen = look_at_token_headers(r);

    if (r->http_version < NGX_HTTP_VERSION_10) {
        return Refused{Reason::ambiguous_request, "HTTP/0.9 cannot carry a token request"};
    }
    if (is_preflight(r)) {
        return std::nullopt;
    }
    if (r->method != NGX_HTTP_POST) {
        return Refused{Reason::method_not_allowed, "the token endpoint takes POST"};
    }
    if (!has_allowed_query(r)) {
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

std::optional<Refused> refuse_letters(const ngx_http_request_t *r, std::string_view form) {
    const ngx_table_elt_t *type = r->headers_in.content_type;
    if (type == nullptr || view(type->value) == kFormType ||
        !is_charset_of_ascii(parameters_of(view(type->value))) || is_ascii_decoded(form)) {
        return std::nullopt;
    }
    return Refused{Reason::ambiguous_request, "what is not ASCII must be in UTF-8"};
}

bool asks_what_is_allowed(ngx_http_request_t *r) {
    if (has_body(r) || !has_allowed_query(r)) {
        return false;
    }
    bool asks_for_method = false;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        asks_for_method |= is_named(header, "access-control-request-method");
    });
    return asks_for_method;
}

}  // namespace ipfence::module
