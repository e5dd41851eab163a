#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/browser_login.hpp"
#include "engine/endpoint/judgement.hpp"
#include "engine/endpoint/learned.hpp"
#include "engine/endpoint/session_origin.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

// From an answer that is about to be released to memory: called before its first byte leaves
// (threats.md, I5), so that no worker meets a token that it does not know.

/// How long what an answer issues is remembered, in seconds, where it does not say itself.
struct Lifetimes {
    /// How far clocks may differ (threats.md, G14).
    static constexpr Seconds kLeeway = 60;
    static constexpr Seconds kCode = 3600;
    static constexpr Seconds kAccessToken = 24 * 3600;
    static constexpr Seconds kRefreshToken = Memory::kMaxLifetime;
    static constexpr Seconds kSession = 30 * 24 * 3600;
    /// What a refresh token that was rotated away is still good for: to be known when it comes
    /// again, and left to the provider.
    static constexpr Seconds kRotated = 3600;
};

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

/// A session cookie as it is after an answer.
struct BrowserSession {
    Digest key;
    std::optional<Digest> replaces{};  ///< one that the browser sent before
    Seconds lifetime = Lifetimes::kSession;
    bool is_set = false;  ///< by the answer; else the browser has it already
};

/// Remembers what an authorization response hands out, for the app, the flow, the sessions and the
/// device in `origin`, and what is still to be decided of it.
Learned learn_authorization(Memory &memory, std::string_view code, const IssuedTokens &tokens,
                            const SessionOrigin &origin, const BrowserLogin &login,
                            std::span<const BrowserSession> sessions, Seconds now);

/// Remembers of a session of a known user that somebody else may have signed in, though nothing was
/// handed out; `login` says by whom it was asked. Until a code is redeemed that comes later, nobody
/// knows whose the session is.
Learned learn_possible_login(Memory &memory, const BrowserLogin &login,
                             const BrowserSession &session, Seconds now);

/// Lets a session cookie that replaces another one be as restricted as that one was, and be known
/// to have been of whom that one was known to have been.
Learned learn_replaced_session(Memory &memory, const BrowserSession &session, Seconds now);

/// Under which it is remembered that a session was of somebody, once it is forgotten; empty when
/// there is no memory.
std::optional<Digest> ended_session(const Memory &memory, const Digest &session) noexcept;

/// Remembers whose a session was that has been forgotten, as long as a session is remembered. Not
/// every answer to a logout has ended the session, and a cookie that was removed can come again:
/// whoever stole it shall not get a code outside by that (threats.md, F16).
Learned learn_ended_session(Memory &memory, const Digest &session, std::string_view user,
                            Seconds now);

/// Remembers a token that was verified or introspected, so that this is done once. Tokens of one
/// user and app share a grant.
Learned learn_derived_token(Memory &memory, const Digest &key, const SessionOrigin &origin,
                            Seconds lifetime, Seconds now);

}  // namespace ipfence
