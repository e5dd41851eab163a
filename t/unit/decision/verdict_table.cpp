#include "t/unit/decision/verdict_table.hpp"

namespace ipfence::test {

namespace {

constexpr Situations kSensitive =
    is(Operation::password_change, Operation::verification_registration, Operation::login_flow);
constexpr Situations kOrdinary = is(Operation::login, Operation::refresh, Operation::access);
constexpr Situations kKnownFlow = is(Flow::web_server, Flow::user_agent, Flow::username_password,
                                     Flow::jwt_bearer, Flow::saml_bearer, Flow::client_credentials,
                                     Flow::device, Flow::token_exchange, Flow::direct);
constexpr Situations kUnknownFlow = is(Flow::unknown);
constexpr Situations kBlocksApps = is(SensitiveOperations::block_relaxed_apps);
constexpr Situations kBlocksSessions = is(SensitiveOperations::block_relaxed_sessions);
constexpr Situations kBlocksEither =
    is(SensitiveOperations::block_relaxed_apps, SensitiveOperations::block_relaxed_sessions);
constexpr Situations kInAppList = is(Place::app_only, Place::both);
constexpr Situations kOutsideAppList = is(Place::elsewhere, Place::profile_only);

class Table {
  public:
    void allow(Situations when, Reason reason) { rows_.push_back({when, Outcome::allow, reason}); }
    void deny(Situations when, Reason reason) { rows_.push_back({when, Outcome::deny, reason}); }

    void the_ranges_hold(Situations when) {
        allow(when & is(Place::profile_only, Place::both), Reason::login_ip_range);
        deny(when & is(Place::elsewhere, Place::app_only), Reason::outside_login_ip_ranges);
        deny(when & is(Place::unknown), Reason::address_unknown);
    }

    std::vector<Row> rows() && { return std::move(rows_); }

  private:
    std::vector<Row> rows_;
};

// Where the table at the end of semantics.md has nothing to say.
void nothing_to_hold(Table &table) {
    table.allow(is(Continuous::off) & (kSensitive | is(Operation::access)), Reason::not_continuous);
    table.allow(is(Subject::unrestricted), Reason::no_login_ip_ranges);
    table.deny(is(Subject::unidentified), Reason::user_unidentified);
    table.deny(is(Subject::missing_profile), Reason::profile_unknown);
}

// The notes to the table, and its first row.
void enforce(Table &table) {
    table.the_ranges_hold(is(Standing::no_app, Standing::unlisted, Standing::saml_only));
    table.the_ranges_hold(is(Flow::jwt_bearer, Flow::saml_bearer));
    table.the_ranges_hold(is(Relaxation::enforce));
}

void relax_for_refresh_tokens(Table &table) {
    const Situations row = is(Relaxation::relax_for_refresh_tokens);
    table.deny(row & kSensitive & kBlocksApps, Reason::sensitive_operation);
    table.deny(row & kSensitive & kBlocksSessions & is(Refreshed::yes) & kKnownFlow,
               Reason::sensitive_operation);
    table.allow(row & is(Operation::refresh) & kKnownFlow, Reason::refresh_token);
    table.allow(row & is(Operation::access) & is(Refreshed::yes) & kKnownFlow,
                Reason::refresh_token);
    table.the_ranges_hold(row);
}

// "When (a) the app has an allow list, the flow is web server, and the request comes from the list,
// and only from it".
void relax_inside_the_app_list(Table &table) {
    const Situations row = is(Relaxation::relax_for_activated_devices);
    const Situations replace = row & is(TrustedList::replace);
    const Situations either = row & is(TrustedList::replace, TrustedList::bypass);
    const Situations asked_by_replace = is(Flow::web_server, Flow::unknown);

    table.deny(replace & asked_by_replace & kOutsideAppList, Reason::outside_app_ip_ranges);
    table.deny(replace & asked_by_replace & is(Place::unknown), Reason::address_unknown);
    table.deny(either & is(Flow::web_server) & is(Place::unknown), Reason::address_unknown);

    const Situations from_the_list = either & is(Flow::web_server) & kInAppList;
    table.allow(from_the_list & kOrdinary, Reason::app_ip_range);
    table.deny(from_the_list & kSensitive & kBlocksEither, Reason::sensitive_operation);
}

// "Or (b) the app has none, the flow is web server or user-agent, and identity was verified on this
// device".
void relax_activated_devices(Table &table) {
    const Situations row = is(Relaxation::relax_for_activated_devices);
    const Situations verified = row & is(TrustedList::none) & is(Device::activated) &
                                is(Flow::web_server, Flow::user_agent);
    table.allow(verified & kOrdinary, Reason::activated_device);
    table.deny(verified & kSensitive & kBlocksEither, Reason::sensitive_operation);
}

void relax_for_activated_devices(Table &table) {
    const Situations row = is(Relaxation::relax_for_activated_devices);
    relax_inside_the_app_list(table);
    relax_activated_devices(table);
    table.deny(row & kUnknownFlow & kSensitive & kBlocksApps, Reason::sensitive_operation);
    table.the_ranges_hold(row);
}

void relax(Table &table) {
    const Situations row = is(Relaxation::relax);
    table.allow(row & kOrdinary & kKnownFlow, Reason::relaxed_app);
    table.deny(row & kSensitive & kBlocksApps, Reason::sensitive_operation);
    table.deny(row & kSensitive & kBlocksSessions & kKnownFlow, Reason::sensitive_operation);
    table.the_ranges_hold(row);
}

}  // namespace

std::vector<Row> verdict_table() {
    Table table;
    nothing_to_hold(table);
    enforce(table);
    relax_for_refresh_tokens(table);
    relax_for_activated_devices(table);
    relax(table);
    return std::move(table).rows();
}

}  // namespace ipfence::test
