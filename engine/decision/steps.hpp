#pragma once

#include <optional>

#include "engine/decision/address_match.hpp"
#include "engine/decision/decision.hpp"
#include "engine/decision/finding.hpp"
#include "engine/decision/look_up.hpp"
#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

/// The first sentence of step 4, but for the flow `unknown`, which each relaxation handles: it
/// relaxes nothing, and yet it meets the trusted ranges and step 5. `app` is the effective one.
inline std::optional<Finding> why_app_has_no_say(const DecisionRequest &request,
                                                 const App *app) noexcept {
    if (!request.app) {
        return Finding::no_app;
    }
    if (app == nullptr) {
        return Finding::app_unlisted;
    }
    if (!app->oauth) {
        return Finding::app_without_oauth;
    }
    if (request.flow == Flow::jwt_bearer || request.flow == Flow::saml_bearer) {
        return Finding::flow_always_enforces;
    }
    return std::nullopt;
}

/// The steps of semantics.md, "The decision": written once, for those who want the answer and for
/// those who want to see how it came about. `Trace` is told what each step found, by
/// `found(Finding)`; one that does nothing compiles away.
template <class Trace>
class Steps {
  public:
    /// `looked_up` is what `look_up` found for this request; `decision` is as a new one is.
    Steps(const Policy &policy, const DecisionRequest &request, const LookedUp &looked_up,
          Trace &trace, Decision &decision) noexcept
        : organization_(policy.organization()),
          policy_(policy),
          request_(request),
          looked_up_(looked_up),
          trace_(trace),
          decision_(decision) {}

    /// Takes the steps in their order; the first that answers ends it.
    void take() {
        decision_.app = looked_up_.app;
        [[maybe_unused]] const bool ended =
            step_1_is_this_moment_checked() || step_2_whose_ranges() ||
            step_3_are_there_restrictions() || step_4_does_the_app_relax_them() ||
            step_5_is_it_sensitive_and_blocked() || step_6_is_it_relaxed() ||
            step_7_is_the_address_inside();
    }

  private:
    using Setting = Rule::Setting;

    struct RelaxedBy {
        Reason reason;
        Setting setting;
        AddressMatch match;
    };

    // Every step returns whether it ended the decision.

    bool step_1_is_this_moment_checked() {
        if (request_.operation == Operation::login || request_.operation == Operation::refresh) {
            return go_on(Finding::operation_always_checked);
        }
        if (organization_.continuous_ip_enforcement) {
            return go_on(Finding::continuous_enforcement_on);
        }
        return allow(Finding::continuous_enforcement_off, Reason::not_continuous,
                     Setting::continuous_ip_enforcement);
    }

    bool step_2_whose_ranges() {
        const WhoseRanges whose = whose_ranges(policy_, request_, looked_up_);
        decision_.profile = whose.profile;
        switch (whose.finding) {
            case Finding::user_unidentified:
            case Finding::app_without_run_as:
                return deny(whose.finding, Reason::user_unidentified, Setting::none);
            case Finding::claimed_profile_missing:
                return deny(whose.finding, Reason::profile_unknown, Setting::profile_claim);
            default:
                return go_on(whose.finding);
        }
    }

    bool step_3_are_there_restrictions() {
        if (decision_.profile == nullptr) {
            return allow(Finding::no_default_profile, Reason::no_login_ip_ranges,
                         Setting::default_profile);
        }
        if (decision_.profile->unrestricted) {
            return allow(Finding::profile_unrestricted, Reason::no_login_ip_ranges,
                         Setting::unrestricted);
        }
        return go_on(Finding::profile_restricted);
    }

    bool step_4_does_the_app_relax_them() {
        if (const std::optional<Finding> finding = why_app_has_no_say(request_, decision_.app)) {
            return go_on(*finding);
        }
        switch (decision_.app->ip_relaxation) {
            case Relaxation::enforce:
                break;
            case Relaxation::relax_for_refresh_tokens:
                return relax_for_refresh_tokens();
            case Relaxation::relax_for_activated_devices:
                return decision_.app->has_trusted_ip_ranges ? relax_inside_trusted_ranges()
                                                            : relax_for_activated_device();
            case Relaxation::relax:
                return relax_unless_flow_unknown(Finding::app_relaxes, Reason::relaxed_app);
        }
        return go_on(Finding::app_enforces);
    }

    bool relax_for_refresh_tokens() {
        const bool by_refresh_token =
            request_.operation == Operation::refresh ||
            (request_.refreshed && request_.operation != Operation::login);
        return by_refresh_token
                   ? relax_unless_flow_unknown(Finding::session_refreshed, Reason::refresh_token)
                   : go_on(Finding::session_not_refreshed);
    }

    bool relax_inside_trusted_ranges() {
        const bool replace =
            decision_.app->trusted_ip_ranges_effect == TrustedRangesEffect::replace;
        const bool web_server = request_.flow == Flow::web_server;
        // A flow `unknown` may have been web_server; under `bypass` that would deny nothing.
        const bool asked = web_server || (request_.flow == Flow::unknown && replace);
        if (!asked) {
            return go_on(Finding::trusted_ranges_not_for_flow);
        }
        if (!request_.client_address) {
            return deny(Finding::trusted_ranges_need_address, Reason::address_unknown,
                        Setting::trusted_ip_ranges);
        }
        if (const AddressMatch match = match_trusted_ranges()) {
            return web_server ? relax(Finding::inside_trusted_ranges, Reason::app_ip_range,
                                      Setting::trusted_ip_ranges, match)
                              : go_on(Finding::inside_trusted_ranges_flow_unknown);
        }
        return replace ? deny(Finding::outside_trusted_ranges, Reason::outside_app_ip_ranges,
                              Setting::trusted_ip_ranges)
                       : go_on(Finding::outside_trusted_ranges_bypassed);
    }

    bool relax_for_activated_device() {
        if (request_.flow == Flow::unknown) {
            return go_on(Finding::flow_unknown);
        }
        if (request_.flow != Flow::web_server && request_.flow != Flow::user_agent) {
            return go_on(Finding::device_not_for_flow);
        }
        return request_.device_activated ? relax(Finding::device_activated,
                                                 Reason::activated_device, Setting::ip_relaxation)
                                         : go_on(Finding::device_not_activated);
    }

    bool step_5_is_it_sensitive_and_blocked() {
        if (!is_sensitive(request_.operation)) {
            return go_on(Finding::operation_not_sensitive);
        }
        switch (organization_.sensitive_operations) {
            case SensitiveOperations::block_relaxed_apps:
                if (is_relaxed_app()) {
                    return block(Finding::relaxed_app_blocked);
                }
                break;
            case SensitiveOperations::block_relaxed_sessions:
                if (relaxed_by_) {
                    return block(Finding::relaxed_session_blocked);
                }
                break;
            case SensitiveOperations::outside_ranges:
                break;
        }
        return go_on(Finding::sensitive_operation_not_blocked);
    }

    // The app as `block_relaxed_apps` sees it, whatever step 4 made of this session.
    bool is_relaxed_app() const {
        if (why_app_has_no_say(request_, decision_.app)) {
            return false;
        }
        switch (decision_.app->ip_relaxation) {
            case Relaxation::enforce:
                return false;
            case Relaxation::relax_for_activated_devices:
                return relaxed_by_ || request_.flow == Flow::unknown;
            case Relaxation::relax_for_refresh_tokens:
            case Relaxation::relax:
                break;
        }
        return true;
    }

    bool step_6_is_it_relaxed() {
        if (!relaxed_by_) {
            return go_on(Finding::session_not_relaxed);
        }
        if (is_sensitive(request_.operation)) {
            return go_on(Finding::sensitive_operation_never_relaxed);
        }
        return allow(Finding::session_relaxed, relaxed_by_->reason, relaxed_by_->setting,
                     relaxed_by_->match);
    }

    bool step_7_is_the_address_inside() {
        if (!request_.client_address) {
            return deny(Finding::login_ranges_need_address, Reason::address_unknown,
                        Setting::login_ip_ranges);
        }
        if (const AddressMatch match = match_login_ranges()) {
            return allow(Finding::inside_login_ranges, Reason::login_ip_range,
                         Setting::login_ip_ranges, match);
        }
        return deny(Finding::outside_login_ranges, Reason::outside_login_ip_ranges,
                    Setting::login_ip_ranges);
    }

    AddressMatch match_trusted_ranges() const {
        const RangeMatch range = decision_.app->trusted_ip_ranges.match(*request_.client_address);
        return match_address(request_, range, decision_.app->trusted_origins);
    }

    AddressMatch match_login_ranges() const {
        const RangeSet &ranges = decision_.profile->login_ip_ranges;
        // What was begun is about the profile that is listed for the user.
        const bool is_begun = looked_up_.login_search && decision_.profile == looked_up_.profile;
        const RangeMatch range =
            is_begun ? ranges.end(*request_.client_address, *looked_up_.login_search)
                     : ranges.match(*request_.client_address);
        return match_address(request_, range, decision_.profile->login_origins);
    }

    bool go_on(Finding finding) {
        trace_.found(finding);
        return false;
    }

    bool relax(Finding finding, Reason reason, Setting setting, const AddressMatch &match = {}) {
        relaxed_by_ = RelaxedBy{reason, setting, match};
        return go_on(finding);
    }

    bool relax_unless_flow_unknown(Finding finding, Reason reason) {
        return request_.flow == Flow::unknown ? go_on(Finding::flow_unknown)
                                              : relax(finding, reason, Setting::ip_relaxation);
    }

    bool block(Finding finding) {
        return deny(finding, Reason::sensitive_operation, Setting::sensitive_operations);
    }

    bool allow(Finding finding, Reason reason, Setting setting) {
        return end(finding, Outcome::allow, reason, setting);
    }

    // Written where the rule stays, as it is large for a value.
    bool allow(Finding finding, Reason reason, Setting setting, const AddressMatch &match) {
        if (match.range) {
            decision_.rule.match = match.range;
        } else {
            decision_.rule.origin = match.origin;
        }
        return allow(finding, reason, setting);
    }

    bool deny(Finding finding, Reason reason, Setting setting) {
        return end(finding, Outcome::deny, reason, setting);
    }

    bool end(Finding finding, Outcome outcome, Reason reason, Setting setting) {
        trace_.found(finding);
        decision_.outcome = outcome;
        decision_.reason = reason;
        decision_.rule.setting = setting;
        return true;
    }

    const Organization &organization_;
    const Policy &policy_;
    const DecisionRequest &request_;
    const LookedUp &looked_up_;
    Trace &trace_;
    Decision &decision_;
    std::optional<RelaxedBy> relaxed_by_;
};

}  // namespace ipfence
