#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/cli/calls.hpp"
#include "engine/cli/geoip_arguments.hpp"
#include "engine/cli/policy_argument.hpp"
#include "engine/cli/policy_case.hpp"
#include "engine/decision/explain.hpp"
#include "engine/policy/visible.hpp"

namespace ipfence::cli {

namespace {

struct TestArguments {
    std::string policy;
    std::string cases;
    GeoipArguments geoip;
};

// What a case leaves open is not in it.
std::string text_of(Outcome outcome, std::optional<Reason> reason,
                    const std::optional<std::string> &rule) {
    return std::string(name_of(outcome)) + (reason ? ", " + std::string(name_of(*reason)) : "") +
           (rule ? ", " + (rule->empty() ? "no rule" : *rule) : "");
}

// Whether the policy answers as expected; says why it answers otherwise.
bool holds(const Policy &policy, const PolicyCase &expected, const std::string &place) {
    const Explanation explanation = explain(policy, expected.request);
    const Decision &decision = explanation.decision;
    const std::string rule = rule_text(decision);
    if (decision.outcome == expected.outcome &&
        decision.reason == expected.reason.value_or(decision.reason) &&
        rule == expected.rule.value_or(rule)) {
        return true;
    }
    std::cout << place << ": expected "
              << visible(text_of(expected.outcome, expected.reason, expected.rule)) << "; got "
              << visible(text_of(decision.outcome, decision.reason, rule)) << '\n';
    for (const StepTaken &step : explanation.steps) {
        std::cout << "    " << step.number << "  " << step.question << ' ' << visible(step.finding)
                  << '\n';
    }
    return false;
}

void say_unreadable(const std::string &file) {
    std::cerr << "ipfence: " << file << ": " << std::strerror(errno) << '\n';
}

int test(const TestArguments &arguments) {
    const std::unique_ptr<const Policy> policy = load_policy_argument(arguments.policy);
    std::ifstream file(arguments.cases);
    if (!file) {
        say_unreadable(arguments.cases);
    }
    const auto geoip = policy ? open_geoip(arguments.geoip, *policy) : nullptr;
    if (!policy || !file || !geoip) {
        return kExitTrouble;
    }
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t unreadable = 0;
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        const std::string place = arguments.cases + ':' + std::to_string(++number);
        auto parsed = parse_policy_case(line);
        if (!parsed) {
            std::cerr << place << ": " << visible(parsed.error().message) << '\n';
            ++unreadable;
        } else if (*parsed) {
            (*parsed)->request.origins = geoip.get();
            ++(holds(*policy, **parsed, place) ? passed : failed);
        }
    }
    if (file.bad()) {
        say_unreadable(arguments.cases);
    } else if (passed + failed + unreadable == 0) {
        std::cerr << "ipfence: " << arguments.cases << ": there is no case in it\n";
    }
    std::cout << passed << " passed, " << failed << " failed\n" << std::flush;
    if (unreadable > 0 || file.bad() || passed + failed == 0 || !std::cout) {
        return kExitTrouble;
    }
    return failed == 0 ? kExitFine : kExitFault;
}

}  // namespace

void add_test(CLI::App &ipfence, int &exit_code) {
    CLI::App *call = ipfence.add_subcommand("test", "Try cases that a policy is to answer so");
    const auto arguments = std::make_shared<TestArguments>();
    call->add_option("POLICY", arguments->policy, "The policy file")->required()->type_name("");
    call->add_option("CASES", arguments->cases, "A case a line: allow login user=alice ip=...")
        ->required()
        ->type_name("");
    add_geoip_options(*call, arguments->geoip);
    call->callback([arguments, &exit_code] { exit_code = test(*arguments); });
}

}  // namespace ipfence::cli
