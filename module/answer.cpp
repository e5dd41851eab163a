#include "module/answer.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "module/accept.hpp"
#include "module/answer_headers.hpp"

namespace ipfence::module {

namespace {

struct AnswerWords {
    ngx_uint_t status;
    std::string_view error;
    std::string_view description;
};

// RFC 8470, section 5.2.
constexpr ngx_uint_t kTooEarly = 425;

AnswerWords words_of_token(Reason reason) noexcept {
    switch (reason) {
        case Reason::outside_app_ip_ranges:
            return {NGX_HTTP_BAD_REQUEST, "invalid_grant", "ip restricted by app developer"};
        case Reason::app_mismatch:
            return {NGX_HTTP_BAD_REQUEST, "invalid_grant", "issued to another client"};
        case Reason::ambiguous_request:
            return {NGX_HTTP_BAD_REQUEST, "invalid_request",
                    "the request has more than one reading"};
        case Reason::method_not_allowed:
            return {NGX_HTTP_NOT_ALLOWED, "invalid_request", "the token endpoint takes POST"};
        case Reason::early_data:
            return {kTooEarly, "invalid_request", "sent before the TLS handshake was done"};
        case Reason::request_too_large:
            return {NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "invalid_request",
                    "the request is larger than the gate reads"};
        case Reason::unsupported_media:
            return {NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "invalid_request", "unsupported media type"};
        case Reason::response_unreadable:
        case Reason::response_too_large:
        case Reason::response_incomplete:
            return {NGX_HTTP_BAD_GATEWAY, "server_error", "the provider's answer cannot be read"};
        case Reason::internal_error:
        case Reason::store_unavailable:
            return {NGX_HTTP_BAD_GATEWAY, "server_error", "the request cannot be decided"};
        default:
            return {NGX_HTTP_BAD_REQUEST, "invalid_grant", "ip restricted"};
    }
}

AnswerWords words_of_access(Reason reason) noexcept {
    switch (reason) {
        case Reason::store_unavailable:
            return {NGX_HTTP_SERVICE_UNAVAILABLE, "temporarily_unavailable",
                    "the request cannot be decided at present"};
        case Reason::token_invalid:
            return {NGX_HTTP_UNAUTHORIZED, "invalid_token", "the access token does not verify"};
        case Reason::ambiguous_request:
        case Reason::early_data:
        case Reason::request_too_large:
        case Reason::response_unreadable:
        case Reason::response_too_large:
        case Reason::response_incomplete:
        case Reason::internal_error:
            return words_of_token(reason);
        default:
            return {NGX_HTTP_FORBIDDEN, "access_denied", "ip restricted"};
    }
}

// 401 asks for a token, which is what APIs do; a page is denied.
AnswerWords words_of_page(Reason reason) noexcept {
    return reason == Reason::token_invalid ? AnswerWords{NGX_HTTP_FORBIDDEN, "access_denied",
                                                         "the access token does not verify"}
                                           : words_of_access(reason);
}

AnswerWords words_of(Answer::Form form, Reason reason) noexcept {
    switch (form) {
        case Answer::Form::token:
            return words_of_token(reason);
        case Answer::Form::bearer:
            return words_of_access(reason);
        case Answer::Form::page:
            break;
    }
    return words_of_page(reason);
}

Answer::Form form_of(ngx_http_ipfence_kind_e kind) noexcept {
    switch (kind) {
        case NGX_HTTP_IPFENCE_TOKEN:
            return Answer::Form::token;
        case NGX_HTTP_IPFENCE_RESOURCE:
            return Answer::Form::bearer;
        default:
            return Answer::Form::page;
    }
}

// The parts after one another, in pool memory; empty when there is no memory. The parts are
// literals of printable ASCII without quotes or backslashes: they need no escaping.
std::string_view join(ngx_http_request_t *r, std::span<const std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) {
        size += part.size();
    }
    auto *start = static_cast<u_char *>(ngx_pnalloc(r->pool, size));
    if (start == nullptr) {
        return {};
    }
    u_char *end = start;
    for (const std::string_view part : parts) {
        end = ngx_cpymem(end, part.data(), part.size());
    }
    return {reinterpret_cast<char *>(start), size};
}

std::string_view json_body(ngx_http_request_t *r, const Answer &answer) {
    const std::array<std::string_view, 5> parts{
        R"({"error":")", answer.error, R"(","error_description":")", answer.description, R"("})"};
    return join(r, parts);
}

struct StatusWords {
    ngx_uint_t status;
    std::string_view number;
    std::string_view title;
};

StatusWords status_words(ngx_uint_t status) noexcept {
    constexpr std::array<StatusWords, 5> kKnown{{
        {NGX_HTTP_BAD_REQUEST, "400", "Bad Request"},
        {NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "413", "Content Too Large"},
        {kTooEarly, "425", "Too Early"},
        {NGX_HTTP_BAD_GATEWAY, "502", "Bad Gateway"},
        {NGX_HTTP_SERVICE_UNAVAILABLE, "503", "Service Unavailable"},
    }};
    for (const StatusWords &known : kKnown) {
        if (known.status == status) {
            return known;
        }
    }
    return {NGX_HTTP_FORBIDDEN, "403", "Forbidden"};
}

std::string_view problem_body(ngx_http_request_t *r, const Answer &answer) {
    const StatusWords words = status_words(answer.status);
    const std::array<std::string_view, 7> parts{
        R"({"title":")",  words.title,        R"(","status":)", words.number,
        R"(,"detail":")", answer.description, R"("})"};
    return join(r, parts);
}

std::string_view html_body(ngx_http_request_t *r, const Answer &answer) {
    const StatusWords words = status_words(answer.status);
    const std::array<std::string_view, 7> parts{
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>",
        words.title,
        "</title></head>\n<body>\n<h1>",
        words.title,
        "</h1>\n<p>",
        answer.description,
        "</p>\n</body>\n</html>\n"};
    return join(r, parts);
}

bool add_challenge(ngx_http_request_t *r, const Answer &answer) {
    if (answer.status == NGX_HTTP_UNAUTHORIZED) {
        ngx_table_elt_t *header =
            add_answer_header(r, "WWW-Authenticate", R"(Bearer error="invalid_token")");
        r->headers_out.www_authenticate = header;  // where `auth_request` looks for it
        return header != nullptr;
    }
    const std::array<std::string_view, 5> parts{
        R"(Bearer error=")", answer.error, R"(", error_description=")", answer.description, R"(")"};
    const std::string_view challenge = join(r, parts);
    return !challenge.empty() && add_answer_header(r, "WWW-Authenticate", challenge) != nullptr;
}

bool is_challenged(const Answer &answer) noexcept {
    return answer.form == Answer::Form::bearer && answer.status < NGX_HTTP_INTERNAL_SERVER_ERROR &&
           answer.status != NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
}

bool add_headers(ngx_http_request_t *r, const Answer &answer) {
    return add_answer_header(r, "Cache-Control", "no-store") != nullptr &&
           (answer.status != NGX_HTTP_NOT_ALLOWED ||
            add_answer_header(r, "Allow", "POST") != nullptr) &&
           (!is_challenged(answer) || add_challenge(r, answer));
}

struct Body {
    std::string_view type;
    std::string_view text;
};

Body make_body(ngx_http_request_t *r, const Answer &answer) {
    if (answer.form != Answer::Form::page) {
        return {"application/json", json_body(r, answer)};
    }
    return prefers_html(r) ? Body{"text/html; charset=utf-8", html_body(r, answer)}
                           : Body{"application/problem+json", problem_body(r, answer)};
}

// As by `auth_request`; parts of a page are asked for all of it.
bool is_asked_for_status(const ngx_http_request_t *r) noexcept {
    return r != r->main && r->header_only;
}

}  // namespace

Answer answer_for(ngx_http_ipfence_kind_e kind, Reason reason,
                  std::string_view description) noexcept {
    const Answer::Form form = form_of(kind);
    const AnswerWords words = words_of(form, reason);
    return {form, words.status, words.error, description.empty() ? words.description : description};
}

bool has_error_page(ngx_http_request_t *r, const Answer &answer) noexcept {
    if (is_asked_for_status(r)) {
        return false;
    }
    const auto *core = static_cast<ngx_http_core_loc_conf_t *>(
        ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    if (answer.form != Answer::Form::page || core->error_pages == nullptr) {
        return false;
    }
    return std::ranges::any_of(elements<const ngx_http_err_page_t>(*core->error_pages),
                               [&answer](const ngx_http_err_page_t &page) {
                                   return page.status == static_cast<ngx_int_t>(answer.status);
                               });
}

void prepare_status(ngx_http_request_t *subrequest, const Answer &answer) {
    if (is_asked_for_status(subrequest)) {
        subrequest->error_page = 1;  // nginx shall look for none
    }
    if (answer.status == NGX_HTTP_UNAUTHORIZED) {
        (void)add_challenge(subrequest, answer);
    }
}

ngx_chain_t *prepare_answer(ngx_http_request_t *r, const Answer &answer) {
    const Body body = make_body(r, answer);
    auto *buffer = pool_zeroed<ngx_buf_t>(r->pool);
    ngx_chain_t *chain = ngx_alloc_chain_link(r->pool);
    if (body.text.empty() || buffer == nullptr || chain == nullptr || !add_headers(r, answer)) {
        return nullptr;
    }
    buffer->pos = buffer->start = ngx_view(body.text).data;
    buffer->last = buffer->end = buffer->pos + body.text.size();
    buffer->memory = 1;
    buffer->last_buf = r == r->main;  // what ends with a subrequest is not the response
    buffer->last_in_chain = 1;
    *chain = {buffer, nullptr};

    r->headers_out.status = answer.status;
    r->headers_out.content_type = ngx_view(body.type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = nullptr;
    r->headers_out.content_length_n = static_cast<off_t>(body.text.size());
    return chain;
}

ngx_int_t send_answer(ngx_http_request_t *r, const Answer &answer) {
    ngx_chain_t *body = prepare_answer(r, answer);
    if (body == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    // What an `error_page` (`404 =200`) that led here would have an answer called is for those of
    // the place: a client must not take a denial for one.
    r->err_status = 0;
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    return ngx_http_output_filter(r, body);
}

}  // namespace ipfence::module
