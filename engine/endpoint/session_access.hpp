#pragma once

#include <optional>
#include <span>

#include "engine/credential/claims.hpp"
#include "engine/endpoint/judgement.hpp"
#include "engine/endpoint/session_origin.hpp"

namespace ipfence {

/// What is known of a request inside a session: an API call or a page.
struct AccessFacts {
    std::optional<Address> client_address{};
    const OriginSource *origins = nullptr;  ///< null: nobody knows where addresses are
    Operation operation = Operation::access;
    const DeviceKeys *device_keys = nullptr;
    /// Of the device cookie that the browser sent.
    std::optional<DeviceTag> device_tag{};
    /// The deployment's word (`ipfence_app`, `ipfence_user`), which counts more than the
    /// session's; empty: none.
    std::string_view assured_app{};
    std::string_view assured_user{};
};

/// Decides a request inside a session of that origin. The judgement's views are the origin's.
Judgement judge_access(const Policy &policy, const AccessFacts &facts, const SessionOrigin &origin);

/// The user of the latest of a session's grants that has one; empty when none has. A view on it.
std::string_view last_known_user(std::span<const GrantRecord> grants) noexcept;

/// The grant that says who is signed in in a session: that of its last known user, unless somebody
/// else may have signed in since. Null where nobody knows.
const GrantRecord *login_of_session(std::span<const GrantRecord> grants) noexcept;

/// Whose that one is; empty where nobody knows.
std::string_view user_of_session(std::span<const GrantRecord> grants) noexcept;

/// Decides a request in a browser session from all that it was given: it is as restricted as its
/// most restricted app, so the first denial counts. A grant whose user is not known yet (its code
/// was not exchanged) is taken for one of the session's last known user; but of one that came after
/// all that are known, where the provider may have asked who it is, the user is not identified.
Judgement judge_session(const Policy &policy, const AccessFacts &facts,
                        std::span<const GrantRecord> grants);

/// Decides a request of a session that nothing knows: the user is not identified, but by the
/// deployment.
Judgement judge_unidentified(const Policy &policy, const AccessFacts &facts);

/// The origin that claims about a token tell: its user, app and profile. Nobody saw it issued, so
/// the flow is unknown. Empty names where they do not say; the views are the claims'.
SessionOrigin origin_of(const Claims &claims, const Organization &organization);

}  // namespace ipfence
