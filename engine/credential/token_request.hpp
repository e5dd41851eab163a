#pragma once

#include <span>
#include <string_view>

#include "engine/credential/form.hpp"
#include "engine/credential/grant.hpp"
#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// What a token request says of itself. Views point into the storage given to
/// `parse_token_request`.
struct TokenRequest {
    Grant grant = Grant::extension;
    /// The client, on which all of client_id, HTTP Basic and client_assertion agree; empty when the
    /// request names none.
    std::string_view client_id;
    /// The client as a provider reads HTTP Basic that does not form-decode it; empty when that is
    /// the same.
    std::string_view raw_client_id;
    /// The user that the client typed: `username`, or the `sub` of a JWT assertion. A hint, which
    /// can deny; empty when the request names none.
    std::string_view typed_user;
    /// What the grant redeems: the code, refresh token, device code or subject token; empty for the
    /// grants that redeem none of them.
    std::string_view redeemed;
    /// The actor token of a token exchange (RFC 8693, section 2.1); empty when there is none.
    std::string_view actor_token;
    /// Whether a token exchange asks for tokens of another user than the subject token's
    /// (`requested_subject`, as Keycloak has it).
    bool asks_for_another_subject = false;
    /// `client_secret` and `client_assertion` of the body, as they stand there decoded: what a
    /// request to the provider in this client's name needs. Secrets; empty when not given.
    std::string_view client_secret;
    std::string_view client_assertion;
};

/// Reads the body of a token request and its `Authorization` header (empty when there is none).
/// `storage` must be at least `token_request_storage(body.size(), authorization.size())` bytes and
/// outlive the result. Refused with a reason: all that Form, parse_basic and the JWT reader refuse;
/// a missing or empty grant_type; with a known grant, the credentials of another one; an empty
/// client_id, username, assertion or client_assertion; clients that disagree; a client_assertion of
/// another type than RFC 7523's, or that is no JWS, or whose `iss` is not its `sub`; an
/// Authorization scheme other than Basic; names, a grant_type and credentials of the grant that are
/// not valid UTF-8; a subject or actor token with a space at an end, or that is a JWT with more
/// than one reading.
Result<TokenRequest, Refusal> parse_token_request(std::string_view body,
                                                  std::string_view authorization,
                                                  std::span<char> storage);

/// Bytes of storage that `parse_token_request` needs.
constexpr std::size_t token_request_storage(std::size_t body, std::size_t authorization) noexcept {
    // The form; Basic decoded and form-decoded; names copied out of two assertions, which are
    // shorter than the body that carried them.
    return Form::storage_size(body) + body + 2 * authorization;
}

}  // namespace ipfence
