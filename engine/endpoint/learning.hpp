#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/browser_login.hpp"
#include "engine/endpoint/judgement.hpp"
#include "engine/endpoint/learned.hpp"
#include "engine/endpoint/session_learning.hpp"
#include "engine/endpoint/session_origin.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

// From an answer that is about to be released to memory: called before its first byte leaves
// (threats.md, I5), so that no worker meets a token that it does not know.

/// A credential that a token request redeemed, and what memory knew of it.
struct Redeemed {
    std::optional<Digest> key;         ///< empty: the grant redeems nothing
    std::optional<Remembered> memory;  ///< empty: it was not known
    bool is_code = false;
    bool is_refresh_token = false;
};

/// Remembers the tokens of a token response that was allowed by `judgement`: under the grant of
/// the code or refresh token, or under a new one. A code is forgotten, it has been used.
Learned learn_tokens(Memory &memory, const IssuedTokens &tokens, const Judgement &judgement,
                     const Redeemed &redeemed, Seconds now);

/// Remembers what an authorization response hands out, for the app, the flow, the sessions and the
/// device in `origin`, and what is still to be decided of it.
Learned learn_authorization(Memory &memory, std::string_view code, const IssuedTokens &tokens,
                            const SessionOrigin &origin, const BrowserLogin &login,
                            std::span<const BrowserSession> sessions, Seconds now);

/// Remembers a token that was verified or introspected, so that this is done once. Tokens of one
/// user and app share a grant.
Learned learn_derived_token(Memory &memory, const Digest &key, const SessionOrigin &origin,
                            Seconds lifetime, Seconds now);

}  // namespace ipfence
