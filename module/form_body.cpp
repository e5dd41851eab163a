#include "module/form_body.hpp"

#include "module/request_body.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr Refused kTooLarge{Reason::request_too_large, {}};

// A lenient reader looks for the name anywhere in the header.
bool may_be_form(std::string_view content_type) noexcept {
    return ngx_strlcasestrn(ngx_view(content_type).data,
                            ngx_view(content_type).data + content_type.size(),
                            ngx_view(kFormType).data, kFormType.size() - 1) != nullptr;
}

struct Seen {
    unsigned content_types = 0;
    bool is_form = false;
    bool is_coded = false;
};

Seen look_at_headers(ngx_http_request_t *r) {
    Seen seen;
    for_each_header(r->headers_in.headers, [&seen](const ngx_table_elt_t &header) {
        if (is_named(header, "content-type")) {
            ++seen.content_types;
            seen.is_form |= may_be_form(view(header.value));
        } else if (is_named(header, "content-encoding")) {
            seen.is_coded |= view(header.value) != "identity";
        }
    });
    return seen;
}

FormBody refused(Refused refused) {
    return {.refused = refused, .text = {}};
}

FormBody body_that_was_read(RequestState &state) {
    ngx_http_request_t *r = state.request;
    if (request_body_size(r) > static_cast<off_t>(location_configuration(r)->body_limit)) {
        return refused(kTooLarge);
    }
    const auto text = request_body_of(r);
    return text ? FormBody{.refused = std::nullopt, .text = *text}
                : refused({Reason::internal_error, {}});
}

}  // namespace

FormBody read_body_if_form(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const Seen seen = look_at_headers(r);
    if (!seen.is_form) {
        return {};
    }
    if (seen.content_types > 1) {
        return refused({Reason::ambiguous_request, "Content-Type must not be repeated"});
    }
    if (seen.is_coded) {
        return refused({Reason::ambiguous_request, "a form must not be content-coded"});
    }
    if (state.body_read || r != r->main) {
        return body_that_was_read(state);
    }
    if (r->headers_in.content_length_n >
        static_cast<off_t>(location_configuration(r)->body_limit)) {
        return refused(kTooLarge);
    }
    state.body_requested = true;
    const ngx_int_t rc = read_request_body(r);
    return rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE && refuses_large_bodies(state)
               ? refused(kTooLarge)
               : FormBody{.is_pending = true, .rc = rc, .refused = std::nullopt, .text = {}};
}

}  // namespace ipfence::module
