#include <algorithm>
#include <array>

#include "engine/decision/decision.hpp"

namespace ipfence {

namespace {

template <class Value>
struct Name {
    Value value;
    std::string_view text;
};
template <class Value>
Name(Value, std::string_view) -> Name<Value>;

constexpr std::array kOperations{
    Name{Operation::login, "login"},
    Name{Operation::refresh, "refresh"},
    Name{Operation::access, "access"},
    Name{Operation::password_change, "password_change"},
    Name{Operation::verification_registration, "verification_registration"},
    Name{Operation::login_flow, "login_flow"},
};

constexpr std::array kFlows{
    Name{Flow::web_server, "web_server"},
    Name{Flow::user_agent, "user_agent"},
    Name{Flow::username_password, "username_password"},
    Name{Flow::jwt_bearer, "jwt_bearer"},
    Name{Flow::saml_bearer, "saml_bearer"},
    Name{Flow::client_credentials, "client_credentials"},
    Name{Flow::device, "device"},
    Name{Flow::token_exchange, "token_exchange"},
    Name{Flow::direct, "direct"},
    Name{Flow::unknown, "unknown"},
};

constexpr std::array kReasons{
    Name{Reason::not_continuous, "not_continuous"},
    Name{Reason::user_unidentified, "user_unidentified"},
    Name{Reason::profile_unknown, "profile_unknown"},
    Name{Reason::no_login_ip_ranges, "no_login_ip_ranges"},
    Name{Reason::outside_app_ip_ranges, "outside_app_ip_ranges"},
    Name{Reason::sensitive_operation, "sensitive_operation"},
    Name{Reason::app_ip_range, "app_ip_range"},
    Name{Reason::activated_device, "activated_device"},
    Name{Reason::refresh_token, "refresh_token"},
    Name{Reason::relaxed_app, "relaxed_app"},
    Name{Reason::login_ip_range, "login_ip_range"},
    Name{Reason::outside_login_ip_ranges, "outside_login_ip_ranges"},
    Name{Reason::address_unknown, "address_unknown"},
    Name{Reason::no_credential, "no_credential"},
    Name{Reason::user_undetermined, "user_undetermined"},
    Name{Reason::observed, "observed"},
    Name{Reason::app_mismatch, "app_mismatch"},
    Name{Reason::token_invalid, "token_invalid"},
    Name{Reason::no_token_issued, "no_token_issued"},
    Name{Reason::preflight, "preflight"},
    Name{Reason::ambiguous_request, "ambiguous_request"},
    Name{Reason::request_too_large, "request_too_large"},
    Name{Reason::unsupported_media, "unsupported_media"},
    Name{Reason::method_not_allowed, "method_not_allowed"},
    Name{Reason::early_data, "early_data"},
    Name{Reason::subrequest, "subrequest"},
    Name{Reason::already_denied, "already_denied"},
    Name{Reason::kind_unknown, "kind_unknown"},
    Name{Reason::response_unreadable, "response_unreadable"},
    Name{Reason::response_too_large, "response_too_large"},
    Name{Reason::response_incomplete, "response_incomplete"},
    Name{Reason::store_unavailable, "store_unavailable"},
    Name{Reason::client_left, "client_left"},
    Name{Reason::internal_error, "internal_error"},
};

// A table may be indexed by its enumeration when it lists every value in the order declared.
template <class Table>
constexpr bool lists_in_order(const Table &table) {
    for (std::size_t index = 0; index < table.size(); ++index) {
        if (static_cast<std::size_t>(table[index].value) != index) {
            return false;
        }
    }
    return true;
}

static_assert(lists_in_order(kOperations) && kOperations.back().value == Operation::login_flow);
static_assert(lists_in_order(kFlows) && kFlows.back().value == Flow::unknown);
static_assert(lists_in_order(kReasons) && kReasons.back().value == Reason::internal_error);

template <class Table>
constexpr auto value_of(const Table &table, std::string_view text) noexcept
    -> std::optional<decltype(table.front().value)> {
    const auto *found = std::find_if(table.begin(), table.end(),
                                     [text](const auto &name) { return name.text == text; });
    return found == table.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

std::string_view name_of(Operation operation) noexcept {
    return kOperations[static_cast<std::size_t>(operation)].text;
}

std::string_view name_of(Flow flow) noexcept {
    return kFlows[static_cast<std::size_t>(flow)].text;
}

std::string_view name_of(Outcome outcome) noexcept {
    return outcome == Outcome::allow ? "allow" : "deny";
}

std::string_view name_of(Reason reason) noexcept {
    return kReasons[static_cast<std::size_t>(reason)].text;
}

std::optional<Operation> operation_of(std::string_view name) noexcept {
    return value_of(kOperations, name);
}

std::optional<Flow> flow_of(std::string_view name) noexcept {
    return value_of(kFlows, name);
}

std::optional<Reason> reason_of(std::string_view name) noexcept {
    return value_of(kReasons, name);
}

}  // namespace ipfence
