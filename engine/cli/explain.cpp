#include "engine/decision/explain.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/cli/calls.hpp"
#include "engine/cli/decide_request.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/paragraph.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/decision/name_unless_empty.hpp"

namespace ipfence::cli {

namespace {

// The arguments as they were given; each has been checked to be readable.
struct ExplainArguments {
    std::string policy;
    std::optional<std::string> ip;
    std::optional<std::string> user;
    std::optional<std::string> app;
    std::string operation;
    std::optional<std::string> flow;
    std::optional<std::string> profile_claim;
    bool refreshed = false;
    bool device_activated = false;
    GeoipArguments geoip;
};

std::optional<std::string_view> name_of_argument(const std::optional<std::string> &argument) {
    return argument ? name_unless_empty(*argument) : std::nullopt;
}

DecisionRequest request_of(const ExplainArguments &arguments, const OriginSource &origins) {
    DecisionRequest request;
    if (arguments.ip) {
        request.client_address = Address::parse(*arguments.ip);
    }
    request.user = name_of_argument(arguments.user);
    request.app = name_of_argument(arguments.app);
    request.operation = operation_of(arguments.operation).value();
    request.flow = arguments.flow ? flow_of(*arguments.flow).value() : default_flow(request.app);
    request.refreshed = arguments.refreshed;
    request.device_activated = arguments.device_activated;
    request.claimed_profile = arguments.profile_claim;
    request.origins = &origins;
    return request;
}

std::string app_text(const DecisionRequest &request, const Decision &decision) {
    if (!request.app) {
        return "none";
    }
    const std::string client_id(*request.app);
    if (decision.app == nullptr) {
        return client_id + ", not listed";
    }
    const std::string relaxation(name_of(decision.app->ip_relaxation));
    return decision.app->client_id.empty() ? client_id + ", not listed; default_app: " + relaxation
                                           : client_id + ": " + relaxation;
}

std::string user_text(const Policy &policy, const DecisionRequest &request) {
    const std::optional<std::string_view> user = effective_user(policy, request);
    if (!user) {
        return "not identified";
    }
    return std::string(*user) +
           (request.flow == Flow::client_credentials ? ", whom the app runs as" : "");
}

void print_inputs(const Policy &policy, const DecisionRequest &request, const Decision &decision) {
    std::cout << "Inputs\n"
              << paragraph("  address    ",
                           request.client_address ? request.client_address->text() : "unknown")
              << paragraph("  user       ", user_text(policy, request))
              << paragraph("  app        ", app_text(request, decision))
              << paragraph("  operation  ", name_of(request.operation))
              << paragraph("  flow       ", name_of(request.flow))
              << paragraph("  session    ", request.refreshed ? "refreshed" : "not refreshed")
              << paragraph("  device     ",
                           request.device_activated ? "activated" : "not activated");
    if (request.claimed_profile) {
        std::cout << paragraph("  claim      ", *request.claimed_profile);
    }
}

void print_origin(const DecisionRequest &request) {
    const AddressOrigin origin = request.client_address
                                     ? request.origins->origin_of(*request.client_address)
                                     : AddressOrigin{};
    std::cout << paragraph("  country    ", origin.country ? origin.country->text() : "not known")
              << paragraph("  asn        ",
                           origin.as_number
                               ? std::to_string(static_cast<std::uint32_t>(*origin.as_number))
                               : "not known");
}

void print_steps(const Explanation &explanation) {
    std::cout << "\nSteps\n";
    for (const StepTaken &step : explanation.steps) {
        std::cout << paragraph("  " + std::to_string(step.number) + "  ", step.question)
                  << paragraph("     ", step.finding);
    }
}

void print_row(const TableRow &row) {
    std::cout << "\nRow of the table\n"
              << paragraph("  ", std::string(name_of(row.relaxation)) +
                                     ", continuous IP enforcement " +
                                     (row.continuous_ip_enforcement ? "on" : "off"))
              << paragraph("  ", row.meaning);
    for (const std::string_view note : row.notes) {
        std::cout << paragraph("  Note: ", note);
    }
}

void print_decision(const Decision &decision) {
    const std::string rule = rule_text(decision);
    std::cout << "\nDecision\n"
              << paragraph("  decision  ", name_of(decision.outcome))
              << paragraph("  reason    ", name_of(decision.reason))
              << paragraph("  rule      ", rule.empty() ? "none" : rule);
}

int explain_arguments(const ExplainArguments &arguments) {
    const std::unique_ptr<const Policy> policy = load_policy_argument(arguments.policy);
    if (!policy) {
        return kExitFault;
    }
    const std::unique_ptr<const GeoipDatabases> geoip = open_geoip(arguments.geoip, *policy);
    if (!geoip) {
        return kExitFault;
    }
    const DecisionRequest request = request_of(arguments, *geoip);
    const Explanation explanation = explain(*policy, request);
    print_inputs(*policy, request, explanation.decision);
    if (arguments.geoip.any()) {
        print_origin(request);
    }
    print_steps(explanation);
    print_row(explanation.row);
    print_decision(explanation.decision);
    std::cout << std::flush;
    return std::cout ? kExitFine : kExitFault;
}

// The inputs of a decision (semantics.md).
void add_request_options(CLI::App &call, ExplainArguments &arguments) {
    call.add_option("--ip", arguments.ip, "The client address; unknown when left out")
        ->type_name("ADDRESS")
        ->check([](const std::string &text) {
            return Address::parse(text) ? std::string() : "not an IP address: " + text;
        });
    call.add_option("--user", arguments.user, "The user; not identified when left out")
        ->type_name("USER");
    call.add_option("--app", arguments.app, "The app's client_id; no app when left out")
        ->type_name("CLIENT_ID");
    call.add_option("--operation", arguments.operation,
                    "login, refresh, access, password_change, verification_registration or "
                    "login_flow")
        ->required()
        ->type_name("OPERATION")
        ->check([](const std::string &text) {
            return operation_of(text) ? std::string() : "not an operation: " + text;
        });
    call.add_option("--flow", arguments.flow,
                    "web_server, user_agent, username_password, jwt_bearer, saml_bearer, "
                    "client_credentials, device, token_exchange, direct or unknown; when left "
                    "out, direct without an app and unknown with one")
        ->type_name("FLOW")
        ->check([](const std::string &text) {
            return flow_of(text) ? std::string() : "not a flow: " + text;
        });
    call.add_option("--profile-claim", arguments.profile_claim,
                    "The profile that the token names, for a policy with a profile_claim")
        ->type_name("PROFILE");
    call.add_flag("--refreshed", arguments.refreshed,
                  "The access token was obtained with a refresh token");
    call.add_flag("--device-activated", arguments.device_activated,
                  "The user completed identity verification on this device");
}

}  // namespace

void add_explain(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand(
        "explain", "Show one decision: each step that was taken, and the row of the table");
    const auto arguments = std::make_shared<ExplainArguments>();

    call->add_option("--policy", arguments->policy, "The policy file")
        ->required()
        ->type_name("POLICY");
    add_request_options(*call, *arguments);
    add_geoip_options(*call, arguments->geoip);
    call->callback([arguments, &exit_code] { exit_code = explain_arguments(*arguments); });
}

}  // namespace ipfence::cli
