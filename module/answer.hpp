#pragma once

#include <string_view>

#include "engine/decision/reason.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// An error answer of a token endpoint (RFC 6749, section 5.2). All views are literals: nothing of
/// a request ever comes back in one.
struct TokenAnswer {
    ngx_uint_t status;
    std::string_view error;
    std::string_view description;
};

/// The answer that interface.md has for a denial or refusal with this reason; `description`
/// replaces the usual words where it is given.
TokenAnswer token_answer_for(Reason reason, std::string_view description = {}) noexcept;

/// Sends the answer, header and body, through all filters. Returns what nginx's output returned.
ngx_int_t send_token_answer(ngx_http_request_t *r, const TokenAnswer &answer);

/// Sets the answer's header fields on a clean response, and makes its body. Null when there is no
/// memory.
ngx_chain_t *prepare_token_answer(ngx_http_request_t *r, const TokenAnswer &answer);

}  // namespace ipfence::module
