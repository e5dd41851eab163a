#pragma once

// The words of decision.hpp and reason.hpp, for those who make constants of them.

#include <array>

#include "engine/decision/decision.hpp"
#include "engine/named.hpp"

namespace ipfence {

inline constexpr std::array kOperationNames{
    Named{Operation::login, "login"},
    Named{Operation::refresh, "refresh"},
    Named{Operation::access, "access"},
    Named{Operation::password_change, "password_change"},
    Named{Operation::verification_registration, "verification_registration"},
    Named{Operation::login_flow, "login_flow"},
};

inline constexpr std::array kOutcomeNames{
    Named{Outcome::allow, "allow"},
    Named{Outcome::deny, "deny"},
};

inline constexpr std::array kFlowNames{
    Named{Flow::web_server, "web_server"},
    Named{Flow::user_agent, "user_agent"},
    Named{Flow::username_password, "username_password"},
    Named{Flow::jwt_bearer, "jwt_bearer"},
    Named{Flow::saml_bearer, "saml_bearer"},
    Named{Flow::client_credentials, "client_credentials"},
    Named{Flow::device, "device"},
    Named{Flow::token_exchange, "token_exchange"},
    Named{Flow::direct, "direct"},
    Named{Flow::unknown, "unknown"},
};

inline constexpr std::array kReasonNames{
    Named{Reason::not_continuous, "not_continuous"},
    Named{Reason::user_unidentified, "user_unidentified"},
    Named{Reason::profile_unknown, "profile_unknown"},
    Named{Reason::no_login_ip_ranges, "no_login_ip_ranges"},
    Named{Reason::outside_app_ip_ranges, "outside_app_ip_ranges"},
    Named{Reason::sensitive_operation, "sensitive_operation"},
    Named{Reason::app_ip_range, "app_ip_range"},
    Named{Reason::activated_device, "activated_device"},
    Named{Reason::refresh_token, "refresh_token"},
    Named{Reason::relaxed_app, "relaxed_app"},
    Named{Reason::login_ip_range, "login_ip_range"},
    Named{Reason::outside_login_ip_ranges, "outside_login_ip_ranges"},
    Named{Reason::address_unknown, "address_unknown"},
    Named{Reason::no_credential, "no_credential"},
    Named{Reason::user_undetermined, "user_undetermined"},
    Named{Reason::observed, "observed"},
    Named{Reason::app_mismatch, "app_mismatch"},
    Named{Reason::token_invalid, "token_invalid"},
    Named{Reason::no_token_issued, "no_token_issued"},
    Named{Reason::preflight, "preflight"},
    Named{Reason::ambiguous_request, "ambiguous_request"},
    Named{Reason::request_too_large, "request_too_large"},
    Named{Reason::unsupported_media, "unsupported_media"},
    Named{Reason::method_not_allowed, "method_not_allowed"},
    Named{Reason::early_data, "early_data"},
    Named{Reason::subrequest, "subrequest"},
    Named{Reason::already_denied, "already_denied"},
    Named{Reason::kind_unknown, "kind_unknown"},
    Named{Reason::response_unreadable, "response_unreadable"},
    Named{Reason::response_too_large, "response_too_large"},
    Named{Reason::response_incomplete, "response_incomplete"},
    Named{Reason::store_unavailable, "store_unavailable"},
    Named{Reason::client_left, "client_left"},
    Named{Reason::internal_error, "internal_error"},
};

static_assert(lists_in_order(kOperationNames) &&
              kOperationNames.back().value == Operation::login_flow);
static_assert(lists_in_order(kFlowNames) && kFlowNames.back().value == Flow::unknown);
static_assert(lists_in_order(kOutcomeNames) && kOutcomeNames.back().value == Outcome::deny);
static_assert(lists_in_order(kReasonNames) && kReasonNames.back().value == Reason::internal_error);

}  // namespace ipfence
