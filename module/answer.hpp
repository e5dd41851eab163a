#pragma once

#include <string_view>

#include "engine/decision/reason.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// What a client gets instead of the provider's answer. All views are literals: nothing of a
/// request ever comes back in one.
struct Answer {
    enum class Form : std::uint8_t {
        token,   ///< JSON, as RFC 6749, section 5.2 has it
        bearer,  ///< JSON and WWW-Authenticate (RFC 6750, section 3)
        page,    ///< HTML for who prefers it, else a problem document (RFC 9457)
    };
    Form form;
    ngx_uint_t status;
    std::string_view error;
    std::string_view description;
};

/// The answer that interface.md has for a denial or refusal of a request of this kind with this
/// reason; `description` replaces the usual words where it is given.
Answer answer_for(ngx_http_ipfence_kind_e kind, Reason reason,
                  std::string_view description = {}) noexcept;

/// Whether nginx has an `error_page` for the answer here, which then takes its place: not where a
/// subrequest is only asked for its status.
bool has_error_page(ngx_http_request_t *r, const Answer &answer) noexcept;

/// Sends the answer, header and body, through all filters. Returns what nginx's output returned.
ngx_int_t send_answer(ngx_http_request_t *r, const Answer &answer);

/// Prepares what `auth_request` makes of the status of a subrequest, of which no answer is sent:
/// the challenge of a 401 (RFC 9110, section 11.6.1), and that no `error_page` (`403 =200`) makes
/// it one that lets the request pass.
void prepare_status(ngx_http_request_t *subrequest, const Answer &answer);

/// Sets the answer's header fields on a clean response, and makes its body. Null when there is no
/// memory.
ngx_chain_t *prepare_answer(ngx_http_request_t *r, const Answer &answer);

}  // namespace ipfence::module
