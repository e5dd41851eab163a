#pragma once

#include <span>
#include <string_view>

#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What an authorization request (RFC 6749, section 4.1.1) says of itself.
struct AuthorizationRequest {
    std::string_view client_id;  ///< empty: it names none (a step inside the provider's own pages)
    /// Whether the provider is to ask who the user is, whatever session there is (OpenID Connect
    /// Core, section 3.1.2.1: a `prompt` with `login`, of the request or a readable request
    /// object).
    bool asks_for_user = false;
    /// Whether some provider would go by the session all the same: `prompt` has `none` in it, or
    /// there is a request object, which counts in its place (RFC 9101, section 6.3), and it does
    /// not say so or cannot be read; or there is a parameter by which Glewlwyd knows that it asked.
    bool may_keep_session = false;
};

/// Reads the raw query or the form body of an authorization request; the caller passes the query
/// for GET, the body for a form POST. `storage` must be at least twice as large as `parameters`.
/// Refused: `client_id`, `prompt`, `request` or `request_uri` given twice or under a name that a
/// lenient parser folds onto them, bad percent-encoding in one of them, a client_id that is empty
/// or no readable name, a `request` (RFC 9101) that is a JWT with more than one reading or whose
/// `client_id` is another (E12). A request object that is encrypted, or behind a `request_uri`
/// (RFC 9126), says nothing: RFC 9101, section 5 has the provider compare client_id. Other
/// parameters may look as they like.
Result<AuthorizationRequest, Refusal> parse_authorization_request(std::string_view parameters,
                                                                  std::span<char> storage);

}  // namespace ipfence
