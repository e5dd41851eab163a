#include "module/form_body.hpp"

#include <algorithm>
#include <array>

#include "module/request_body.hpp"
#include "module/request_headers.hpp"

namespace ipfence::module {

namespace {

// Where a text begins in another, whatever the case; npos where it does not.
std::size_t find_ignoring_case(std::string_view text, std::string_view wanted) noexcept {
    u_char *begin = ngx_view(text).data;
    const u_char *found = text.size() < wanted.size()
                              ? nullptr
                              : ngx_strlcasestrn(begin, begin + text.size(), ngx_view(wanted).data,
                                                 wanted.size() - 1);
    return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - begin);
}

// A lenient reader looks for the name anywhere in the header.
bool may_be_form(std::string_view content_type) noexcept {
    return find_ignoring_case(content_type, kFormType) != std::string_view::npos;
}

bool is_multipart(std::string_view content_type) noexcept {
    return find_ignoring_case(content_type, "multipart") != std::string_view::npos;
}

// Servers that go by the charset of a form (Tomcat, ASP.NET) read other letters in the same bytes:
// in IBM037, UTF-7 or UTF-16 a name can be written that is another one in ASCII.
bool names_other_letters(std::string_view content_type) noexcept {
    constexpr std::string_view kCharset = "charset";
    constexpr std::array<std::string_view, 6> kOfAscii{"utf-8", "utf8",      "us-ascii",
                                                       "ascii", "iso-8859-", "windows-125"};
    while (true) {
        const std::size_t at = find_ignoring_case(content_type, kCharset);
        if (at == std::string_view::npos) {
            return false;
        }
        content_type.remove_prefix(at + kCharset.size());
        const std::size_t value = content_type.find_first_not_of(" \t=\"'");
        content_type.remove_prefix(std::min(value, content_type.size()));
        if (std::ranges::none_of(kOfAscii, [content_type](std::string_view charset) {
                return find_ignoring_case(content_type.substr(0, charset.size()), charset) == 0;
            })) {
            return true;
        }
    }
}

// Some readers (Express, `text()` of fetch) drop UTF-8's mark of byte order before the first name,
// and .NET's StreamReader goes by UTF-16's, whatever the type says.
bool has_mark_of_byte_order(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 4> kMarks{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff",
                                                     std::string_view("\0\0\xfe\xff", 4)};
    return std::ranges::any_of(kMarks,
                               [text](std::string_view mark) { return text.starts_with(mark); });
}

struct BodyHeaders {
    unsigned content_types = 0;
    bool has_type = false;
    bool has_authorization = false;
    bool is_form = false;
    bool is_multipart = false;
    bool has_other_letters = false;
    bool is_coded = false;
};

BodyHeaders look_at_body_headers(ngx_http_request_t *r) {
    BodyHeaders seen;
    for_each_header(r->headers_in.headers, [&seen](const ngx_table_elt_t &header) {
        if (is_named(header, "content-type")) {
            ++seen.content_types;
            seen.has_type |= header.value.len != 0;
            seen.is_form |= may_be_form(view(header.value));
            seen.is_multipart |= is_multipart(view(header.value));
            seen.has_other_letters |= names_other_letters(view(header.value));
        } else if (is_named(header, "content-encoding")) {
            seen.is_coded |= view(header.value) != "identity";
        } else if (is_named(header, "authorization")) {
            seen.has_authorization = true;
        }
    });
    // Rack, for one, takes a POST without a type for a form. What has its credential in the header
    // is not looked at for that: it may be any upload.
    seen.is_form |= !seen.has_type && !seen.has_authorization && r->method == NGX_HTTP_POST;
    return seen;
}

FormBody refused(Refused refused) {
    return {.refused = refused, .text = {}};
}

FormBody body_that_was_read(RequestState &state) {
    ngx_http_request_t *r = state.request;
    if (request_body_size(r) > static_cast<off_t>(location_configuration(r)->body_limit)) {
        return refused(kRequestTooLarge);
    }
    const auto text = request_body_of(r);
    if (!text) {
        return refused(kInternalError);
    }
    if (has_mark_of_byte_order(*text)) {
        return refused({Reason::ambiguous_request, "a form must not have a mark of byte order"});
    }
    return {.refused = std::nullopt, .text = *text};
}

}  // namespace

FormBody read_body_if_form(RequestState &state) {
    ngx_http_request_t *r = state.request;
    const BodyHeaders seen = look_at_body_headers(r);
    if (seen.content_types > 1) {
        return refused({Reason::ambiguous_request, "Content-Type must not be repeated"});
    }
    if (!seen.is_form) {
        return {};
    }
    if (seen.is_multipart) {
        return refused({Reason::ambiguous_request, "Content-Type must not name two types"});
    }
    if (seen.has_other_letters) {
        return refused({Reason::ambiguous_request, "a form must not be in letters of its own"});
    }
    if (seen.is_coded) {
        return refused({Reason::ambiguous_request, "a form must not be content-coded"});
    }
    if (state.body_read || r != r->main) {
        return body_that_was_read(state);
    }
    if (r->headers_in.content_length_n >
        static_cast<off_t>(location_configuration(r)->body_limit)) {
        return refused(kRequestTooLarge);
    }
    state.take_policies_anew();  // a client may keep its body open for as long as it likes (N07)
    state.body_requested = true;
    const ngx_int_t rc = read_request_body(r);
    return rc == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE && refuses_large_bodies(state)
               ? refused(kRequestTooLarge)
               : FormBody{.is_pending = true, .rc = rc, .refused = std::nullopt, .text = {}};
}

bool may_hide_parameters(ngx_http_request_t *r) noexcept {
    if (r->headers_in.content_length_n <= 0 && !r->headers_in.chunked) {
        return false;
    }
    bool has_type = false;
    bool has_multipart = false;
    for_each_header(r->headers_in.headers, [&](const ngx_table_elt_t &header) {
        if (is_named(header, "content-type")) {
            has_type |= header.value.len > 0;
            has_multipart |= is_multipart(view(header.value));
        }
    });
    return !has_type || has_multipart;
}

}  // namespace ipfence::module
