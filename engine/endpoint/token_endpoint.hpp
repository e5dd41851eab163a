#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/address/address.hpp"
#include "engine/credential/grant.hpp"
#include "engine/credential/issued_tokens.hpp"
#include "engine/endpoint/browser_login.hpp"
#include "engine/endpoint/judgement.hpp"
#include "engine/endpoint/session_origin.hpp"

namespace ipfence {

/// What is known of a token request before the provider answers it. Views are the caller's.
struct TokenRequestFacts {
    std::optional<Address> client_address;
    const OriginSource *origins = nullptr;  ///< null: nobody knows where addresses are
    Grant grant = Grant::extension;
    std::string_view client_id;      ///< empty: the request names no client
    bool app_is_to_come = false;     ///< the provider's answer may name another app
    std::string_view raw_client_id;  ///< see TokenRequest
    std::string_view typed_user;     ///< see TokenRequest
    std::string_view assured_user;   ///< the deployment's word (`ipfence_user`); empty: none
    /// What memory says of the code, refresh token or subject token that the request redeems.
    std::optional<SessionOrigin> remembered;
    /// What memory says of the actor token of a token exchange: an origin of nobody where it says
    /// nothing; empty when the request has none.
    std::optional<SessionOrigin> actor{};
    /// Whether a token exchange asks for tokens of somebody else than its subject, who stands for
    /// them as an actor does.
    bool is_impersonation = false;
    BrowserLogin browser{};  ///< of the code that the request redeems
    const DeviceKeys *device_keys = nullptr;
};

/// What becomes of a token request before it is forwarded.
struct TokenRequestVerdict {
    enum class Next : std::uint8_t {
        refuse,            ///< it has two readings under this policy
        refuse_mismatch,   ///< what it redeems was issued to another app (F06)
        deny,              ///< decided: the provider never sees it
        forward,           ///< decided: nothing in the answer can change that
        forward_and_hold,  ///< decided for the typed user, who may turn out to be another
        hold,              ///< undecided: the answer says who the user is
    };
    Next next = Next::refuse;
    /// Of deny, forward, forward_and_hold and refuse_mismatch.
    std::optional<Judgement> judgement{};
};

/// The operation that a grant is: `refresh` for a refresh token, else `login`.
Operation operation_of(Grant grant) noexcept;

/// The flow of the session that this request begins or goes on with. A refresh goes on with the
/// one that is remembered, and so does the exchange of a subject or actor token that was born of an
/// assertion (F12). A refresh token that nobody remembers does not say how its session began, and
/// neither does an extension grant: `unknown`.
Flow flow_of(const TokenRequestFacts &facts) noexcept;

/// The decision's inputs that a token request supplies, for `user` (empty: not identified).
DecisionRequest decision_request_of(const TokenRequestFacts &facts, std::string_view user);

/// Decides a token request as far as it can be decided from itself and from memory: not at all
/// where its app is to come. A name that the client typed identifies the user only where the policy
/// lists that exact name; for any other, and where no name was typed, the provider's answer does.
/// The actor of a token exchange must be allowed as well, whoever the subject is (F12), and so must
/// an app whose own token is the subject, as the user that it runs as, and a subject who asks for
/// tokens of somebody else: whose they are, only the answer says.
TokenRequestVerdict judge_token_request(const Policy &policy, const TokenRequestFacts &facts);

/// Decides an answer that issues tokens. The user is `assured_user` (what `ipfence_user` says now
/// that the answer is here), else the one that the tokens name, else the remembered one, else a
/// typed one that the policy lists, else nobody. Tokens that name another user than the remembered
/// one (I23) must be allowed to both; the parties of a token exchange are asked again, for the app
/// may be another now. What could not be decided where the browser got its code is decided for the
/// address that it had. Empty when `earlier`, the decision of the request, stands, because it was
/// made for this very user.
std::optional<Judgement> judge_token_response(const Policy &policy, const TokenRequestFacts &facts,
                                              const IssuedTokens &tokens,
                                              std::string_view assured_user,
                                              const Judgement *earlier);

/// What the tokens of an answer are remembered as that came although its request was to be denied
/// (`ipfence_mode monitor`).
Judgement judge_issued_tokens(const Policy &policy, const TokenRequestFacts &facts,
                              const IssuedTokens &tokens, std::string_view assured_user);

}  // namespace ipfence
