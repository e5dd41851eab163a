#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "engine/decision/explain.hpp"
#include "t/unit/decision/every_case.hpp"

namespace ipfence::test::table_test {
namespace {

std::string word(std::optional<std::string_view> text) {
    return text ? std::string(*text) : "(none)";
}

std::string describe(const Case &one) {
    std::ostringstream text;
    const DecisionRequest &request = one.request;
    const Organization &organization = one.policy.organization();
    text << name_of(request.operation) << ", flow " << name_of(request.flow) << ", address "
         << (request.client_address ? request.client_address->text() : "(unknown)") << ", user "
         << word(request.user) << ", claimed profile " << word(request.claimed_profile)
         << (request.refreshed ? ", refreshed" : "")
         << (request.device_activated ? ", activated" : "") << ", app " << word(request.app);
    if (const App *app = effective_app(one.policy, request.app)) {
        text << " (" << name_of(app->ip_relaxation) << (app->oauth ? ", oauth" : "")
             << (app->saml ? ", saml" : "")
             << (app->has_trusted_ip_ranges ? ", trusted ranges, " : ", no trusted ranges, ")
             << name_of(app->trusted_ip_ranges_effect) << ", runs as \"" << app->run_as.view()
             << "\")";
    }
    text << ", continuous " << organization.continuous_ip_enforcement << ", "
         << name_of(organization.sensitive_operations);
    return text.str();
}

std::string verdict(Outcome outcome, Reason reason) {
    return std::string(name_of(outcome)) + ' ' + std::string(name_of(reason));
}

std::string verdict(const Decision &decision) {
    return verdict(decision.outcome, decision.reason);
}

// The first few failures say what is wrong; a million of them would hide it.
class Failures {
  public:
    void add(const std::string &text) {
        constexpr int kShown = 10;
        if (++count_ <= kShown) {
            ADD_FAILURE() << text;
        }
    }
    ~Failures() { EXPECT_EQ(count_, 0) << "failures in all"; }

  private:
    int count_ = 0;
};

// What a rule must be goes by the reason alone.
Rule::Setting setting_for(Reason reason) {
    using Setting = Rule::Setting;
    switch (reason) {
        case Reason::not_continuous:
            return Setting::continuous_ip_enforcement;
        case Reason::profile_unknown:
            return Setting::profile_claim;
        case Reason::outside_app_ip_ranges:
        case Reason::app_ip_range:
            return Setting::trusted_ip_ranges;
        case Reason::sensitive_operation:
            return Setting::sensitive_operations;
        case Reason::activated_device:
        case Reason::refresh_token:
        case Reason::relaxed_app:
            return Setting::ip_relaxation;
        case Reason::login_ip_range:
        case Reason::outside_login_ip_ranges:
            return Setting::login_ip_ranges;
        default:
            return Setting::none;
    }
}

bool rule_fits(const Case &one, const Decision &decision) {
    using Setting = Rule::Setting;
    const Rule &rule = decision.rule;
    const bool names_a_range =
        decision.reason == Reason::app_ip_range || decision.reason == Reason::login_ip_range;
    const std::optional<AddressRange> range = rule.match.range();
    if (names_a_range != range.has_value()) {
        return false;
    }
    if (range && !range->contains(*one.request.client_address)) {
        return false;
    }
    if (decision.reason == Reason::no_login_ip_ranges) {
        return rule.setting ==
               (decision.profile != nullptr ? Setting::unrestricted : Setting::default_profile);
    }
    if (decision.reason == Reason::address_unknown) {
        return rule.setting == Setting::trusted_ip_ranges ||
               rule.setting == Setting::login_ip_ranges;
    }
    return rule.setting == setting_for(decision.reason);
}

TEST(Table, EveryCaseHasTheVerdictOfItsRow) {
    const std::vector<Row> rows = verdict_table();
    std::vector<std::size_t> cases_of_row(rows.size());
    std::size_t cases = 0;
    Failures failures;

    for_each_case([&](const Case &one) {
        ++cases;
        const Decision decision = decide(one.policy, one.request);
        const auto row = std::find_if(rows.begin(), rows.end(), [&one](const Row &candidate) {
            return candidate.when.contain(one.situation);
        });
        if (row == rows.end()) {
            failures.add("no row for " + describe(one));
            return;
        }
        ++cases_of_row[static_cast<std::size_t>(row - rows.begin())];
        if (decision.outcome != row->outcome || decision.reason != row->reason) {
            failures.add("table: " + verdict(row->outcome, row->reason) +
                         ", decide: " + verdict(decision) + "\nfor " + describe(one));
        } else if (!rule_fits(one, decision)) {
            failures.add("rule of " + verdict(decision) + "\nfor " + describe(one));
        }
    });

    for (std::size_t index = 0; index < rows.size(); ++index) {
        EXPECT_GT(cases_of_row[index], 0U) << "no case meets row " << index;
    }
    std::cout << "table: " << cases << " cases against " << rows.size() << " rows\n";
}

// semantics.md, "Unknown is not unrestricted".
class Ignorance {
  public:
    void take_facts_away(const Case &one) {
        if (is_sensitive(one.request.operation) || decide(one.policy, one.request).allowed()) {
            return;
        }
        without("the user", one, [](DecisionRequest &request) { request.user.reset(); });
        without("the address", one,
                [](DecisionRequest &request) { request.client_address.reset(); });
        without("refreshed", one, [](DecisionRequest &request) { request.refreshed = false; });
        without("device_activated", one,
                [](DecisionRequest &request) { request.device_activated = false; });
        // The one exception (SECURITY.md, promise 3). client_credentials has no user of its own:
        // `user` is ignored under it, so it is no fact; once the flow is not known to be that, it
        // is one, about somebody else than the app's run_as. Such a request is not the same one
        // with a fact less.
        if (one.request.flow != Flow::client_credentials || !one.request.user) {
            without("the flow", one,
                    [](DecisionRequest &request) { request.flow = Flow::unknown; });
        }
    }

    std::size_t pairs() const { return pairs_; }

  private:
    template <class TakeAway>
    void without(const char *fact, const Case &one, TakeAway take_away) {
        DecisionRequest less = one.request;
        take_away(less);
        ++pairs_;
        const Decision decision = decide(one.policy, less);
        if (decision.allowed()) {
            failures_.add(std::string("without ") + fact + ": " + verdict(decision) + "\nfor " +
                          describe(one));
        }
    }

    std::size_t pairs_ = 0;
    Failures failures_;
};

TEST(Monotonicity, TakingAwayAFactNeverTurnsADenyIntoAnAllow) {
    Ignorance ignorance;
    for_each_case([&](const Case &one) { ignorance.take_facts_away(one); });
    std::cout << "facts taken away: " << ignorance.pairs() << " pairs\n";
}

TEST(Monotonicity, TakingAwayARangeNeverTurnsADenyIntoAnAllow) {
    const OrganizationSetting organization{Continuous::on, SensitiveOperations::outside_ranges};
    const std::unique_ptr<const Policy> whole = make_policy(organization);
    std::size_t pairs = 0;
    Failures failures;

    const auto compare_with = [&](const Ranges &fewer) {
        for_each_case(organization, fewer, [&](const Case &one) {
            if (is_sensitive(one.request.operation)) {
                return;
            }
            ++pairs;
            const Decision decision = decide(one.policy, one.request);
            if (decision.allowed() && !decide(*whole, one.request).allowed()) {
                failures.add("with a range less: " + verdict(decision) + "\nfor " + describe(one));
            }
        });
    };
    for (std::size_t index = 0; index < Ranges{}.of_profile.size(); ++index) {
        Ranges fewer;
        fewer.of_profile.erase(fewer.of_profile.begin() + static_cast<std::ptrdiff_t>(index));
        compare_with(fewer);
    }
    for (std::size_t index = 0; index < Ranges{}.of_apps.size(); ++index) {
        Ranges fewer;
        fewer.of_apps.erase(fewer.of_apps.begin() + static_cast<std::ptrdiff_t>(index));
        compare_with(fewer);
    }
    std::cout << "ranges taken away: " << pairs << " pairs\n";
}

TEST(Explanation, SaysWhatDecideSays) {
    constexpr std::size_t kStride = 997;  // prime, so that it meets every value of every fact
    std::size_t cases = 0;
    std::size_t explained = 0;
    Failures failures;

    for_each_case([&](const Case &one) {
        if (cases++ % kStride != 0) {
            return;
        }
        ++explained;
        const Decision decision = decide(one.policy, one.request);
        const Explanation explanation = explain(one.policy, one.request);
        if (verdict(explanation.decision) != verdict(decision) ||
            rule_text(explanation.decision) != rule_text(decision)) {
            failures.add("explained as " + verdict(explanation.decision) + ", decided as " +
                         verdict(decision) + "\nfor " + describe(one));
        }
        unsigned number = 0;
        for (const StepTaken &step : explanation.steps) {
            if (step.number != ++number || step.question.empty() || step.finding.empty()) {
                failures.add("step " + std::to_string(number) + " of " + describe(one));
            }
        }
    });
    std::cout << "explained: " << explained << " of " << cases << " cases\n";
}

}  // namespace
}  // namespace ipfence::test::table_test
