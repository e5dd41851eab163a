#include "engine/decision/explain.hpp"

#include <gtest/gtest.h>

#include "engine/decision/finding_text.hpp"
#include "t/unit/decision/example_policy.hpp"

namespace ipfence::test::explain_test {
namespace {

std::vector<std::string> findings(const Explanation &explanation) {
    std::vector<std::string> texts;
    for (const StepTaken &step : explanation.steps) {
        texts.push_back(std::to_string(step.number) + ' ' + step.finding);
    }
    return texts;
}

using Texts = std::vector<std::string>;

// What is said of one step; empty where it was not taken.
std::string finding_of(unsigned step, const Explanation &explanation) {
    for (const StepTaken &taken : explanation.steps) {
        if (taken.number == step) {
            return taken.finding;
        }
    }
    return {};
}

TEST(Explain, TellsEveryStepOfALogin) {
    ExamplePolicy example;
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside();
    request.client_address = Address::parse(kInsideProfile);

    const Explanation explanation = explain(*policy, request);
    EXPECT_EQ(
        findings(explanation),
        (Texts{"1 Yes: login always is.", "2 The user's: the policy lists profile \"standard\".",
               "3 Yes: profile \"standard\" has login IP ranges.", "4 No: there is no app.",
               "5 No: login is no sensitive operation.", "6 No.",
               "7 Yes: 203.0.113.9 is inside 203.0.113.0/24."}));
    EXPECT_EQ(explanation.steps[0].question, "Is this moment checked at all?");
    EXPECT_EQ(explanation.steps[6].question,
              "Is the address inside the profile's login IP ranges?");
    EXPECT_EQ(explanation.row.relaxation, Relaxation::enforce);
    EXPECT_EQ(explanation.row.meaning, "The profile's ranges hold on every request.");
    ASSERT_EQ(explanation.row.notes.size(), 1U);
    EXPECT_EQ(explanation.row.notes[0], "There is no app, so nothing relaxes the ranges.");
}

TEST(Explain, EndsWithTheStepThatAnswers) {
    ExamplePolicy example;
    example.organization.continuous_ip_enforcement = false;
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside();
    request.operation = Operation::access;

    const Explanation explanation = explain(*policy, request);
    EXPECT_EQ(findings(explanation),
              (Texts{"1 No: the operation is access, neither login nor refresh, and continuous IP "
                     "enforcement is off."}));
    EXPECT_FALSE(explanation.row.continuous_ip_enforcement);
    EXPECT_EQ(explanation.row.meaning, "The profile's ranges hold at login and refresh.");
}

TEST(Explain, TellsWhichTrustedRange) {
    ExamplePolicy example;
    example.add_app_with_list("mobile", TrustedRangesEffect::replace);
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside("mobile");
    request.client_address = Address::parse(kInsideAppList);

    const Explanation inside = explain(*policy, request);
    EXPECT_EQ(inside.steps[3].finding,
              "Yes: 192.0.2.1 is inside 192.0.2.0/28, one of the app's trusted IP ranges.");
    EXPECT_EQ(inside.steps.back().finding, "Yes, by step 4.");
    EXPECT_EQ(inside.row.relaxation, Relaxation::relax_for_activated_devices);
    EXPECT_TRUE(inside.row.notes.empty());

    const Explanation outside = explain(*policy, login_from_outside("mobile"));
    ASSERT_EQ(outside.steps.size(), 4U);
    EXPECT_EQ(outside.steps[3].finding,
              "No: 198.51.100.7 is outside the app's trusted IP ranges, and only requests from "
              "those are allowed.");
}

TEST(Explain, TellsWhyAnAppRelaxesOrNot) {
    ExamplePolicy example;
    example.add_app("strict", Relaxation::enforce);
    example.add_app("refresher", Relaxation::relax_for_refresh_tokens);
    example.add_app("devices", Relaxation::relax_for_activated_devices);
    example.add_app("relaxed", Relaxation::relax);
    const std::unique_ptr<const Policy> policy = example.build();
    constexpr std::string_view kFlowUnknown =
        ", but the flow is unknown, and may have been one that always enforces.";
    struct Case {
        std::string_view app;
        Flow flow;
        Operation operation;
        bool refreshed;
        bool device_activated;
        std::string finding;
    };
    const Case cases[] = {
        {"strict", Flow::web_server, Operation::login, false, false,
         "No: the app is set to enforce."},
        {"relaxed", Flow::jwt_bearer, Operation::login, false, false,
         "No: the flow jwt_bearer always enforces them, whatever the app says."},
        {"relaxed", Flow::web_server, Operation::login, false, false,
         "Yes: the app is set to relax."},
        {"relaxed", Flow::unknown, Operation::access, false, false,
         std::string("No: the app is set to relax").append(kFlowUnknown)},
        {"refresher", Flow::web_server, Operation::login, true, false,
         "No: the app is set to relax_for_refresh_tokens, and the operation is login."},
        {"refresher", Flow::web_server, Operation::access, false, false,
         "No: the app is set to relax_for_refresh_tokens, and the operation is access, in a "
         "session that was not refreshed."},
        {"refresher", Flow::web_server, Operation::access, true, false,
         "Yes: the app is set to relax_for_refresh_tokens, and the session was refreshed."},
        {"refresher", Flow::web_server, Operation::refresh, false, false,
         "Yes: the app is set to relax_for_refresh_tokens, and this is a refresh."},
        {"refresher", Flow::unknown, Operation::refresh, false, false,
         std::string("No: the app is set to relax_for_refresh_tokens").append(kFlowUnknown)},
        {"devices", Flow::user_agent, Operation::login, false, true,
         "Yes: the app is set to relax_for_activated_devices, and this device is activated."},
        {"devices", Flow::web_server, Operation::login, false, false,
         "No: the app is set to relax_for_activated_devices, and this device is not activated."},
        {"devices", Flow::device, Operation::login, false, true,
         "No: an activated device counts for the flows web_server and user_agent, not for "
         "device."},
        {"devices", Flow::unknown, Operation::access, false, true,
         std::string("No: the app is set to relax_for_activated_devices").append(kFlowUnknown)},
    };
    for (const Case &expected : cases) {
        DecisionRequest request = login_from_outside(expected.app);
        request.flow = expected.flow;
        request.operation = expected.operation;
        request.refreshed = expected.refreshed;
        request.device_activated = expected.device_activated;
        EXPECT_EQ(explain(*policy, request).steps.at(3).finding, expected.finding);
    }
}

TEST(Explain, NotesWhatTheTableSaysBesideItsRows) {
    ExamplePolicy example;
    example.add_app("relaxed", Relaxation::relax);
    example.add_saml_app("sso", Relaxation::relax);
    const std::unique_ptr<const Policy> policy = example.build();
    const auto row = [&policy](std::string_view app, Flow flow, std::string_view user) {
        DecisionRequest request = login_from_outside(app);
        request.flow = flow;
        request.user = user;
        return explain(*policy, request).row;
    };
    using Notes = std::vector<std::string_view>;

    EXPECT_EQ(row("relaxed", Flow::web_server, "alice").notes, Notes{});
    EXPECT_EQ(row("relaxed", Flow::web_server, "alice").relaxation, Relaxation::relax);
    EXPECT_EQ(row("relaxed", Flow::jwt_bearer, "alice").relaxation, Relaxation::enforce);
    EXPECT_EQ(row("relaxed", Flow::jwt_bearer, "alice").notes,
              Notes{"The SAML bearer assertion and JWT bearer flows always enforce the ranges."});
    EXPECT_EQ(row("sso", Flow::web_server, "alice").notes,
              Notes{"SAML-enabled apps are not affected unless they are also OAuth-enabled."});
    EXPECT_EQ(row("other", Flow::web_server, "alice").notes,
              Notes{"An app that the policy does not list relaxes nothing."});
    EXPECT_EQ(row("relaxed", Flow::unknown, "alice").notes.size(), 1U);
    EXPECT_EQ(
        row("relaxed", Flow::web_server, "batch").notes,
        Notes{"Restrictions are enforced only when they are configured on the user's profile."});
}

TEST(Explain, TellsWhoseRangesTheyAre) {
    ExamplePolicy example;
    example.add_app("job", Relaxation::relax);
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside("job");
    const auto whose = [&] { return finding_of(2, explain(*policy, request)); };

    request.user.reset();
    EXPECT_EQ(whose(), "Nobody's: the user is not identified.");
    request.flow = Flow::client_credentials;
    EXPECT_EQ(whose(),
              "Nobody's: client_credentials has no user of its own, and the policy lists no run_as "
              "for the app.");
    request.flow = Flow::web_server;
    request.user = "carol";
    EXPECT_EQ(whose(),
              "The default's: the policy does not list the user, and default_profile is "
              "\"standard\".");
    request.claimed_profile = "integration";
    EXPECT_EQ(whose(),
              "The user's: the policy does not list the user, and the token names profile "
              "\"integration\".");
    EXPECT_EQ(finding_of(3, explain(*policy, request)),
              "No: profile \"integration\" is unrestricted.");
    request.claimed_profile = "nowhere";
    EXPECT_EQ(whose(),
              "Nobody's: the policy does not list the user, and has no profile \"nowhere\", which "
              "the token names.");
    EXPECT_EQ(explain(*policy, request).steps.size(), 2U) << "that denies";
}

TEST(Explain, TellsThatNobodyRestrictsTheUnlisted) {
    ExamplePolicy example;
    example.organization.default_profile.reset();
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside();
    request.user = "carol";
    const Explanation explanation = explain(*policy, request);
    EXPECT_EQ(finding_of(2, explanation),
              "The default's: the policy does not list the user, and default_profile is null.");
    EXPECT_EQ(finding_of(3, explanation),
              "No: default_profile is null, so users that the policy does not list are not "
              "restricted.");
}

TEST(Explain, TellsOfAppsThatHaveNoSay) {
    ExamplePolicy example;
    example.add_saml_app("sso", Relaxation::relax);
    const std::unique_ptr<const Policy> policy = example.build();
    const auto relaxing = [&](std::string_view app) {
        return finding_of(4, explain(*policy, login_from_outside(app)));
    };
    EXPECT_EQ(relaxing("other"), "No: the policy does not list the app, and has no default_app.");
    EXPECT_EQ(relaxing("sso"), "No: the app's protocols lack oauth.");
}

TEST(Explain, TellsWhatTheAppsOwnRangesDo) {
    ExamplePolicy example;
    example.add_app_with_list("strict", TrustedRangesEffect::replace);
    example.add_app_with_list("lenient", TrustedRangesEffect::bypass);
    const std::unique_ptr<const Policy> policy = example.build();
    const auto relaxing = [&](std::string_view app, Flow flow, std::string_view address) {
        DecisionRequest request = login_from_outside(app);
        request.flow = flow;
        request.client_address = Address::parse(address);
        return finding_of(4, explain(*policy, request));
    };
    EXPECT_EQ(relaxing("strict", Flow::device, kInsideAppList),
              "No: the app's trusted IP ranges do not relax the flow device.");
    EXPECT_EQ(relaxing("strict", Flow::web_server, "of nobody"),
              "No: the app's trusted IP ranges decide, and the address is unknown.");
    EXPECT_EQ(relaxing("strict", Flow::unknown, kInsideAppList),
              "No: 192.0.2.1 is inside 192.0.2.0/28, one of the app's trusted IP ranges, but the "
              "flow is unknown.");
    EXPECT_EQ(relaxing("lenient", Flow::web_server, kInsideProfile),
              "No: 203.0.113.9 is outside the app's trusted IP ranges; their effect is bypass, so "
              "the profile's ranges decide.");
}

TEST(Explain, TellsWhatBlocksASensitiveOperation) {
    const auto blocked = [](SensitiveOperations setting) {
        ExamplePolicy example;
        example.add_app("relaxed", Relaxation::relax);
        example.organization.sensitive_operations = setting;
        const std::unique_ptr<const Policy> policy = example.build();
        DecisionRequest request = login_from_outside("relaxed");
        request.operation = Operation::password_change;
        const Explanation explanation = explain(*policy, request);
        EXPECT_EQ(finding_of(1, explanation), "Yes: continuous IP enforcement is on.");
        return finding_of(5, explanation);
    };
    EXPECT_EQ(blocked(SensitiveOperations::block_relaxed_apps),
              "Yes: password_change is sensitive, block_relaxed_apps is set, and the app is set to "
              "relax.");
    EXPECT_EQ(blocked(SensitiveOperations::block_relaxed_sessions),
              "Yes: password_change is sensitive, block_relaxed_sessions is set, and step 4 "
              "relaxed this session.");
    EXPECT_EQ(blocked(SensitiveOperations::outside_ranges),
              "No: password_change is sensitive, but the organization's sensitive_operations does "
              "not block it here.");
}

TEST(Explain, TellsThatAnAddressIsOutsideOrUnknown) {
    ExamplePolicy example;
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside();
    EXPECT_EQ(finding_of(7, explain(*policy, request)), "No: 198.51.100.7 is outside all of them.");
    request.client_address.reset();
    EXPECT_EQ(finding_of(7, explain(*policy, request)),
              "No: the address is unknown, and so inside no range.");
}

// What the notes say of sensitive operations, and what becomes of one in these flows.
TEST(Explain, NotesOfSensitiveOperationsAreTrue) {
    struct Case {
        bool is_continuous;
        SensitiveOperations setting;
        std::string_view user;
        Flow flow;
        std::string_view notes;
        Outcome outcome;
    };
    using enum SensitiveOperations;
    constexpr std::string_view kUnknown = "The flow is unknown, so nothing is relaxed.";
    constexpr Case kCases[] = {
        {true, block_relaxed_apps, "alice", Flow::unknown,
         "The flow is unknown, so nothing is relaxed, and sensitive operations stay blocked.",
         Outcome::deny},
        {true, block_relaxed_apps, "batch", Flow::unknown,
         "The flow is unknown, so nothing is relaxed. Restrictions are enforced only when they are "
         "configured on the user's profile.",
         Outcome::allow},
        {false, block_relaxed_apps, "alice", Flow::unknown, kUnknown, Outcome::allow},
        {true, block_relaxed_sessions, "alice", Flow::unknown,
         "The flow is unknown, so nothing is relaxed. The policy's block_relaxed_sessions blocks "
         "sensitive operations only where the session is relaxed.",
         Outcome::allow},
        {true, block_relaxed_sessions, "alice", Flow::web_server,
         "The policy's block_relaxed_sessions blocks sensitive operations only where the session "
         "is relaxed.",
         Outcome::deny},
        {true, outside_ranges, "alice", Flow::unknown,
         "The flow is unknown, so nothing is relaxed. The policy's outside_ranges never blocks "
         "sensitive operations as such.",
         Outcome::allow},
        {true, outside_ranges, "alice", Flow::web_server,
         "The policy's outside_ranges never blocks sensitive operations as such.", Outcome::allow},
        {false, outside_ranges, "alice", Flow::unknown, kUnknown, Outcome::allow},
    };
    for (const Case &expected : kCases) {
        ExamplePolicy example;
        example.add_app("relaxed", Relaxation::relax);
        example.organization.continuous_ip_enforcement = expected.is_continuous;
        example.organization.sensitive_operations = expected.setting;
        const std::unique_ptr<const Policy> policy = example.build();
        DecisionRequest request = login_from_outside("relaxed");
        request.operation = Operation::password_change;
        request.client_address = Address::parse(kInsideProfile);
        request.flow = expected.flow;
        request.user = expected.user;
        const Explanation explanation = explain(*policy, request);
        std::string notes;
        for (const std::string_view note : explanation.row.notes) {
            notes.append(notes.empty() ? "" : " ").append(note);
        }
        EXPECT_EQ(notes, expected.notes);
        EXPECT_EQ(explanation.decision.outcome, expected.outcome) << expected.notes;
    }
}

TEST(Explain, NotesThatActivatedDevicesBlockSensitiveOperationsWhereTheyRelax) {
    ExamplePolicy example;
    example.add_app("devices", Relaxation::relax_for_activated_devices);
    example.organization.continuous_ip_enforcement = true;
    const std::unique_ptr<const Policy> policy = example.build();
    DecisionRequest request = login_from_outside("devices");
    request.client_address = Address::parse(kInsideProfile);
    request.flow = Flow::web_server;
    EXPECT_TRUE(explain(*policy, request).row.notes.empty()) << "no sensitive operation";
    request.operation = Operation::password_change;
    for (const bool activated : {false, true}) {
        request.device_activated = activated;
        const Explanation explanation = explain(*policy, request);
        EXPECT_EQ(explanation.decision.allowed(), !activated);
        EXPECT_EQ(explanation.row.notes,
                  std::vector<std::string_view>{"Of this relaxation, sensitive operations are "
                                                "blocked where it relaxes the session."});
    }
}

TEST(Explain, KnowsTheStepOfEveryFinding) {
    EXPECT_EQ(step_of(Finding::operation_always_checked), 1U);
    EXPECT_EQ(step_of(Finding::continuous_enforcement_off), 1U);
    EXPECT_EQ(step_of(Finding::user_unidentified), 2U);
    EXPECT_EQ(step_of(Finding::user_unlisted), 2U);
    EXPECT_EQ(step_of(Finding::profile_restricted), 3U);
    EXPECT_EQ(step_of(Finding::no_default_profile), 3U);
    EXPECT_EQ(step_of(Finding::no_app), 4U);
    EXPECT_EQ(step_of(Finding::app_relaxes), 4U);
    EXPECT_EQ(step_of(Finding::operation_not_sensitive), 5U);
    EXPECT_EQ(step_of(Finding::sensitive_operation_not_blocked), 5U);
    EXPECT_EQ(step_of(Finding::session_relaxed), 6U);
    EXPECT_EQ(step_of(Finding::sensitive_operation_never_relaxed), 6U);
    EXPECT_EQ(step_of(Finding::inside_login_ranges), 7U);
    EXPECT_EQ(step_of(Finding::login_ranges_need_address), 7U);
}

}  // namespace
}  // namespace ipfence::test::explain_test
