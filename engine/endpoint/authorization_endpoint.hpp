#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/authorization_response.hpp"
#include "engine/endpoint/judgement.hpp"
#include "engine/endpoint/session_origin.hpp"

namespace ipfence {

/// What is known of a request to the authorization endpoint.
struct AuthorizationFacts {
    std::optional<Address> client_address{};
    const OriginSource *origins = nullptr;  ///< null: nobody knows where addresses are
    std::string_view client_id{};           ///< empty: a step inside the provider's own pages
    /// Whether it may as well be a request of some app that it does not name readably.
    bool may_be_of_any_app = false;
    std::string_view assured_user{};  ///< the deployment's word (`ipfence_user`); empty: none
    /// Who the browser's sessions are known to be. Which of them the provider goes by nobody can
    /// say, where there are several.
    std::span<const std::string_view> session_users{};
    std::optional<DeviceTag> device_tag{};
    const DeviceKeys *device_keys = nullptr;
};

/// Decides an authorization request as a login, where user and app are known already; the flow is
/// that of a code, until the answer shows another. Of several users each must be allowed. Empty
/// where they are not known.
std::optional<Judgement> judge_authorization_request(const Policy &policy,
                                                     const AuthorizationFacts &facts);

/// Decides what an answer hands out. Tokens are decided now, whoever they are for; a code only
/// where user and app are known, for its exchange is decided again. Empty: undecided, let it go.
std::optional<Judgement> judge_authorization_response(const Policy &policy,
                                                      const AuthorizationFacts &facts,
                                                      const AuthorizationResponse &response,
                                                      std::string_view assured_user);

/// How the session begins that the answer hands out: a hybrid response counts as `web_server`
/// (semantics.md, Terms). The views are those of facts and response.
SessionOrigin origin_of(const AuthorizationFacts &facts, const AuthorizationResponse &response,
                        std::string_view assured_user);

}  // namespace ipfence
