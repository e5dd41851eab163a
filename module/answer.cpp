#include "module/answer.hpp"

namespace ipfence::module {

namespace {

constexpr TokenAnswer kIpRestricted{NGX_HTTP_BAD_REQUEST, "invalid_grant", "ip restricted"};

TokenAnswer usual_answer(Reason reason) noexcept {
    switch (reason) {
        case Reason::outside_app_ip_ranges:
            return {NGX_HTTP_BAD_REQUEST, "invalid_grant", "ip restricted by app developer"};
        case Reason::ambiguous_request:
            return {NGX_HTTP_BAD_REQUEST, "invalid_request",
                    "the request has more than one reading"};
        case Reason::method_not_allowed:
            return {NGX_HTTP_NOT_ALLOWED, "invalid_request", "the token endpoint takes POST"};
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
            return {NGX_HTTP_BAD_GATEWAY, "server_error", "the request cannot be decided"};
        default:
            return kIpRestricted;
    }
}

bool add_header(ngx_http_request_t *r, std::string_view name, std::string_view value) {
    auto *header = static_cast<ngx_table_elt_t *>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return false;
    }
    header->hash = 1;
    header->key = ngx_view(name);
    header->value = ngx_view(value);
    header->lowcase_key = nullptr;
    return true;
}

void append(ngx_buf_t *buffer, std::string_view text) noexcept {
    buffer->last = ngx_cpymem(buffer->last, text.data(), text.size());
}

ngx_buf_t *make_body(ngx_http_request_t *r, const TokenAnswer &answer) {
    constexpr std::string_view kParts[] = {R"({"error":")", R"(","error_description":")", R"("})"};

    const std::size_t size = kParts[0].size() + answer.error.size() + kParts[1].size() +
                             answer.description.size() + kParts[2].size();
    ngx_buf_t *buffer = ngx_create_temp_buf(r->pool, size);
    if (buffer == nullptr) {
        return nullptr;
    }
    // Literals of printable ASCII without quotes or backslashes: they need no escaping.
    append(buffer, kParts[0]);
    append(buffer, answer.error);
    append(buffer, kParts[1]);
    append(buffer, answer.description);
    append(buffer, kParts[2]);
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    return buffer;
}

}  // namespace

TokenAnswer token_answer_for(Reason reason, std::string_view description) noexcept {
    TokenAnswer answer = usual_answer(reason);
    if (!description.empty()) {
        answer.description = description;
    }
    return answer;
}

ngx_chain_t *prepare_token_answer(ngx_http_request_t *r, const TokenAnswer &answer) {
    ngx_chain_t *body = ngx_alloc_chain_link(r->pool);
    if (body == nullptr) {
        return nullptr;
    }
    body->next = nullptr;
    body->buf = make_body(r, answer);
    if (body->buf == nullptr || !add_header(r, "Cache-Control", "no-store") ||
        (answer.status == NGX_HTTP_NOT_ALLOWED && !add_header(r, "Allow", "POST"))) {
        return nullptr;
    }

    r->headers_out.status = answer.status;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = nullptr;
    r->headers_out.content_length_n = body->buf->last - body->buf->pos;
    return body;
}

ngx_int_t send_token_answer(ngx_http_request_t *r, const TokenAnswer &answer) {
    ngx_chain_t *body = prepare_token_answer(r, answer);
    if (body == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    return ngx_http_output_filter(r, body);
}

}  // namespace ipfence::module
