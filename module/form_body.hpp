#pragma once

#include <optional>
#include <string_view>

#include "module/refused.hpp"
#include "module/request_headers.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// The body of a request that is not of kind `token`, if it is a form.
struct FormBody {
    bool is_pending = false;  ///< it is being read: return `rc` from the phase handler
    ngx_int_t rc = NGX_OK;
    std::optional<Refused> refused;
    std::string_view text;  ///< empty: the request has no form, or one without anything in it
};

/// Reads the request's body if it is a form, or may be taken for one: a POST without a content type
/// and without `Authorization`. Any other goes by unread. Refused: a form larger than
/// `ipfence_body_limit`, with a content coding, with a mark of byte order, or in a charset in which
/// ASCII's letters are others, and a request with two content types of which one is a form's (B08).
FormBody read_body_if_form(RequestState &state);

/// The same of a request that may have no body.
inline FormBody read_form_body(RequestState &state) {
    return has_body(state.request) ? read_body_if_form(state) : FormBody{};
}

/// Whether the request has a body in which others than the gate may find parameters: read as a form
/// for want of a type, or as multipart.
bool may_hide_parameters(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
