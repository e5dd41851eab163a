#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/issued_tokens.hpp"

namespace ipfence {

/// What an answer of the authorization endpoint gives away (RFC 6749, sections 4.1.2 and 4.2.2;
/// OAuth 2.0 Multiple Response Types; OAuth 2.0 Form Post Response Mode; JARM).
struct AuthorizationResponse {
    enum class Kind : std::uint8_t {
        nothing,     ///< a page, an error, a redirect within the provider
        issues,      ///< a code, tokens, or both
        unreadable,  ///< carries something of the kind that cannot be read for certain
    };
    Kind kind = Kind::nothing;
    std::string code;  ///< empty: none
    /// Views of what follows; all may be empty. Of an `unreadable` answer those that can be told,
    /// for whoever revokes them.
    IssuedTokens tokens;
    std::vector<std::string> parameters;
    TokenClaims claims;
    /// For `unreadable`: what is wrong, for the log; a literal that repeats nothing of the answer.
    std::string_view problem;

    bool has_token() const noexcept {
        return !tokens.access_token.empty() || !tokens.id_token.empty() ||
               !tokens.refresh_token.empty();
    }
};

/// Reads an answer of the authorization endpoint. A redirect (3xx with a `location`) hands out what
/// that carries in query or fragment, whatever the scheme. What may be a page (`is_html`) hands out
/// what the hidden inputs of its forms carry (form_post): `code`, `access_token`, `id_token`,
/// `refresh_token`, `expires_in`, `response`. A JARM `response` that is a JWS hands out its
/// members; one that is encrypted is unreadable. Also unreadable: a status below 200 or above 599,
/// behind which the answer is still to come; a parameter of a redirect given twice, or under a name
/// that a lenient parser folds onto a known one, bad percent-encoding in one of them, a hidden
/// input that FormPostPage is not certain of, a page in a content coding, a part of a page (206), a
/// JSON body with tokens, or that is called no page with a code and success (no provider answers so
/// here), and all that read_identity refuses. RFC 9207's `iss`, `state`, `session_state` and
/// unknown parameters do not matter. A page that merely mentions the words (a script, a text) hands
/// out nothing.
AuthorizationResponse read_authorization_response(unsigned status, bool content_coded,
                                                  std::string_view location, bool is_html,
                                                  std::string_view body,
                                                  const IdentityClaims &claims);

}  // namespace ipfence
