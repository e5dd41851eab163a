#pragma once

#include <array>

#include "engine/decision/names.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// The words for the kinds. A configuration may say those before NGX_HTTP_IPFENCE_VARIABLE.
inline constexpr std::array kKindNames{
    Named{NGX_HTTP_IPFENCE_OFF, "off"},
    Named{NGX_HTTP_IPFENCE_TOKEN, "token"},
    Named{NGX_HTTP_IPFENCE_AUTHORIZATION, "authorization"},
    Named{NGX_HTTP_IPFENCE_RESOURCE, "resource"},
    Named{NGX_HTTP_IPFENCE_PASSWORD_CHANGE, "password_change"},
    Named{NGX_HTTP_IPFENCE_VERIFICATION_REGISTRATION, "verification_registration"},
    Named{NGX_HTTP_IPFENCE_LOGIN_FLOW, "login_flow"},
    Named{NGX_HTTP_IPFENCE_VERIFICATION, "verification"},
    Named{NGX_HTTP_IPFENCE_REVOCATION, "revocation"},
    Named{NGX_HTTP_IPFENCE_LOGOUT, "logout"},
    Named{NGX_HTTP_IPFENCE_VARIABLE, "unknown"},
    Named{NGX_HTTP_IPFENCE_UNKNOWN, "unknown"},
};

static_assert(lists_in_order(kKindNames) && kKindNames.back().value == NGX_HTTP_IPFENCE_UNKNOWN);

}  // namespace ipfence::module
