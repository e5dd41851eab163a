#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include "engine/analysis/policy_warnings.hpp"
#include "engine/cli/assertion_apps.hpp"
#include "engine/cli/audit_log.hpp"
#include "engine/cli/calls.hpp"
#include "engine/cli/counted.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/decision/decision.hpp"
#include "engine/policy/load_policy.hpp"
#include "engine/policy/visible.hpp"

namespace ipfence::cli {

namespace {

struct CheckArguments {
    std::string policy;
    std::vector<std::string> keep_reachable;
    std::vector<std::string> audit_logs;
    GeoipArguments geoip;
};

// The user may contain an @, the address cannot.
struct Person {
    std::string user;
    Address address;
};

std::optional<Person> person_of(const std::string &text) {
    const std::size_t at = text.rfind('@');
    const auto address =
        at == std::string::npos || at == 0 ? std::nullopt : Address::parse(text.substr(at + 1));
    return address ? std::optional(Person{text.substr(0, at), *address}) : std::nullopt;
}

// Whether that user may sign in at the provider itself from that address; says so where not.
bool is_reachable(const std::string &file, const Policy &policy, const OriginSource &origins,
                  const std::string &text) {
    const Person person = person_of(text).value();
    DecisionRequest request;
    request.client_address = person.address;
    request.user = person.user;
    request.operation = Operation::login;
    request.flow = Flow::direct;
    request.origins = &origins;
    const Decision decision = decide(policy, request);
    if (!decision.allowed()) {
        std::cerr << file << ": " << visible(person.user) << " could not sign in from "
                  << person.address.text() << ": " << name_of(decision.reason) << " ("
                  << visible(rule_text(decision)) << ")\n";
    }
    return decision.allowed();
}

bool are_reachable(const CheckArguments &arguments, const Policy &policy) {
    if (arguments.keep_reachable.empty()) {
        return true;
    }
    const std::unique_ptr<const GeoipDatabases> geoip = open_geoip(arguments.geoip, policy);
    if (!geoip) {
        return false;
    }
    bool all = true;
    for (const std::string &text : arguments.keep_reachable) {
        all = is_reachable(arguments.policy, policy, *geoip, text) && all;
    }
    return all;
}

void warn(const std::string &file, const std::vector<std::string> &warnings) {
    for (const std::string &warning : warnings) {
        std::cerr << "warning: " << file << ": " << visible(warning) << '\n';
    }
}

// Warns of what only the requests of the past show. False when a log could not be read.
bool check_against_logs(const CheckArguments &arguments, const Policy &policy) {
    AssertionApps apps(policy);
    for (const std::string &log : arguments.audit_logs) {
        if (!read_audit_log(log, [&](const RequestLine &line, std::uint64_t) { apps.add(line); })) {
            return false;
        }
    }
    warn(arguments.policy, apps.warnings());
    return true;
}

int check(const CheckArguments &arguments) {
    const std::string &file = arguments.policy;
    const PolicyLoad load = load_policy(file);
    print_diagnostics(load);
    if (!load.policy) {
        return kExitFault;
    }
    const Policy &policy = *load.policy;
    warn(file, policy_warnings(policy));
    if (!check_against_logs(arguments, policy) || !are_reachable(arguments, policy)) {
        return kExitFault;
    }
    std::cout << file << ": ok, " << counted(policy.users(), "user") << ", "
              << counted(policy.profiles(), "profile") << ", " << counted(policy.apps(), "app")
              << ", policy " << policy.hash() << '\n'
              << std::flush;
    return std::cout ? kExitFine : kExitFault;
}

}  // namespace

void add_check(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand("check", "Check a policy file and report every error");
    const auto arguments = std::make_shared<CheckArguments>();
    call->add_option("POLICY", arguments->policy, "The policy file")->required()->type_name("");
    call->add_option("--keep-reachable", arguments->keep_reachable,
                     "Who must be able to sign in, and from where; may be repeated")
        ->type_name("USER@IP")
        ->allow_extra_args(false)
        ->check([](const std::string &text) {
            return person_of(text) ? std::string() : "not USER@IP: " + text;
        });
    call->add_option("--audit", arguments->audit_logs,
                     "An audit log, to warn of what the requests of the past show; may be repeated")
        ->type_name("AUDIT")
        ->allow_extra_args(false);
    add_geoip_options(*call, arguments->geoip);
    call->callback([arguments, &exit_code] { exit_code = check(*arguments); });
}

}  // namespace ipfence::cli
