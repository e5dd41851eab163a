#pragma once

#include <string_view>

#include "engine/credential/issued_tokens.hpp"

namespace ipfence {

/// What the answer of a token endpoint (RFC 6749, section 5) gives away.
struct TokenResponse {
    enum class Kind {
        no_token,    ///< readable, and issues nothing
        tokens,      ///< issues at least one token
        unreadable,  ///< says success, or may carry a token, and cannot be read for certain
    };
    Kind kind = Kind::unreadable;
    /// Views of what follows. Of an `unreadable` answer those that can be told, for whoever revokes
    /// them.
    IssuedTokens tokens;
    std::optional<Claims> answer;  ///< the JSON object that the answer is
    TokenClaims claims;
    /// For `unreadable`: what is wrong, for the log; a literal that repeats nothing of the
    /// response.
    std::string_view problem;
};

/// Reads an answer of a token endpoint. By content rather than by status (threats.md I06): tokens
/// (`access_token`, `refresh_token`, `id_token`) count whatever the status. A 2xx answer that is
/// not one JSON object with unique members, whose token members are not strings that are not empty
/// (beside an access token, the others may be `null` or empty: none), or that has neither a token
/// nor an `error`, is unreadable; so is any answer in a content coding, and a redirect whose
/// `location` carries a token or code. 4xx and 5xx answers that are not JSON, or JSON without
/// tokens, issue nothing. The user is the first of `user_claims` in the id_token, else in a JWT
/// access_token; an id_token that is ambiguous makes the answer unreadable.
TokenResponse read_token_response(unsigned status, bool content_coded, std::string_view location,
                                  std::string_view body, const IdentityClaims &claims);

}  // namespace ipfence
