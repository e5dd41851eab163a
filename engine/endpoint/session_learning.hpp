#pragma once

#include <optional>
#include <string_view>

#include "engine/endpoint/browser_login.hpp"
#include "engine/endpoint/learned.hpp"
#include "engine/endpoint/lifetimes.hpp"
#include "engine/memory/memory.hpp"

namespace ipfence {

// What becomes of browser sessions by what was seen in them: they are signed in to, their cookie is
// replaced, and they end.

/// A session cookie as it is after an answer.
struct BrowserSession {
    Digest key;
    std::optional<Digest> replaces{};  ///< one that the browser sent before
    Seconds lifetime = Lifetimes::kSession;
    bool is_set = false;  ///< by the answer; else the browser has it already
};

/// Remembers of a session of a known user that somebody else may have signed in, though nothing was
/// handed out; `login` says by whom it was asked. Until a code is redeemed that comes later, nobody
/// knows whose the session is.
Learned learn_possible_login(Memory &memory, const BrowserLogin &login,
                             const BrowserSession &session, Seconds now);

/// Lets a session cookie that replaces another one be as restricted as that one was, and be known
/// to have been of whom that one was known to have been. One that is set again with the value that
/// it has lives on.
Learned learn_replaced_session(Memory &memory, const BrowserSession &session, Seconds now);

/// Under which it is remembered that a session was of somebody, once it is forgotten; empty when
/// there is no memory.
std::optional<Digest> ended_session(const Memory &memory, const Digest &session) noexcept;

/// Remembers whose a session was that has been forgotten, as long as a session is remembered. Not
/// every answer to a logout has ended the session, and a cookie that was removed can come again:
/// whoever stole it shall not get a code outside by that (threats.md, F16).
Learned learn_ended_session(Memory &memory, const Digest &session, std::string_view user,
                            Seconds now);

}  // namespace ipfence
